"""What the gate looks at: the answers that a student would serve, beside whomever it must not fall below.

Where the truth is known on enough of them, student and teacher are held against it on new inputs. Where it is not,
what is served must agree with the teacher on at least 1 - alpha - margin of the traffic. In both cases it must not
fall below the student before it. A student without a threshold would serve nothing, and is judged on all it says.
"""

from collections.abc import Sequence

from pipeline.contracts import Gate
from pipeline.evaluation.compared import NEW, TRAFFIC, Compared
from pipeline.evaluation.gate import Check, GateResult, not_below, share_above, verdict
from pipeline.evaluation.paired import effective_rows
from pipeline.routing import Calibration, refusal


def gate_student(compared: Compared, calibration: Calibration, rule: Gate) -> GateResult:
    """The verdict on a student, with its checks."""
    serves_some = calibration.threshold is not None
    is_served = [not serves_some or refusal(answer, calibration) is None for answer in compared.answers]
    checks = [_against_teacher(compared, is_served, calibration.alpha, rule)]
    if compared.previous is not None:
        checks.append(_against_previous(compared, compared.previous, rule))
    judged_on = "answers above the threshold" if serves_some else "all answers: without a threshold it serves none"
    return verdict(rule, checks, judged_on)


def _against_teacher(compared: Compared, is_served: Sequence[bool], alpha: float, rule: Gate) -> Check:
    """By the truth where enough of it is known, else by agreement."""
    said, teacher, gold = compared.said, compared.teacher, compared.gold
    known = [place for place in compared.places(NEW) if is_served[place] and gold[place] is not None]
    groups = [compared.groups[place] for place in known]
    if effective_rows(groups) >= rule.least_rows:
        student, other = ([answers[place] == gold[place] for place in known] for answers in (said, teacher))
        return not_below("against the teacher, by gold", student, other, groups, rule)
    served = [place for place in compared.places(TRAFFIC) if is_served[place]]
    agreed = sum(said[place] == teacher[place] for place in served)
    return share_above("agreement with the teacher", agreed, len(served), 1 - alpha - rule.margin, rule)


def _against_previous(compared: Compared, previous: Sequence[str], rule: Gate) -> Check:
    """On all new inputs, by the truth where enough of it is known, else by the teacher."""
    said, groups = compared.new(compared.said), compared.new(compared.groups)
    gold, teacher = compared.new(compared.gold), compared.new(compared.teacher)
    known = [place for place, truth in enumerate(gold) if truth is not None]
    by_gold = effective_rows([groups[place] for place in known]) >= rule.least_rows
    wanted, places = (gold, known) if by_gold else (teacher, list(range(len(said))))
    now, then = ([answers[place] == wanted[place] for place in places] for answers in (said, previous))
    name = "against the student before it, by " + ("gold" if by_gold else "the teacher")
    return not_below(name, now, then, [groups[place] for place in places], rule)
