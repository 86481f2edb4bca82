"""The student beside the truth, the baselines and the student before it; agreement is the headline of each."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from analytics.contracts import Interval
from analytics.statistics import mcnemar_exact, wilson
from pipeline.evaluation.compared import NEW, Compared, taught
from pipeline.evaluation.figures import Comparison, compare
from pipeline.scores import agreement
from pipeline.students.parts.baselines import fit_lookup


def gold_figures(compared: Compared) -> dict[str, dict[str, object]] | None:
    """Student and teacher against the truth, on new inputs and on the traffic; None where no truth is known."""
    if all(truth is None for truth in compared.gold):
        return None
    return {
        name: _against_gold(compared, wanted)
        for name, wanted in {"new_inputs": compared.is_new, "traffic": [True] * len(compared.gold)}.items()
    }


def _against_gold(compared: Compared, wanted: Sequence[bool]) -> dict[str, object]:
    rows = zip(compared.said, compared.teacher, compared.gold, wanted, strict=True)
    kept = [(student == truth, teacher == truth) for student, teacher, truth, use in rows if use and truth is not None]
    right = [[pair[side] for pair in kept] for side in (0, 1)]
    student, teacher = (plain(wilson(sum(side), len(side))) for side in right)
    return {"student": student, "teacher": teacher, "mcnemar": mcnemar_exact(right[0], right[1])._asdict()}


def baselines(compared: Compared, split: Path) -> dict[str, list[str]]:
    """The commonest answer and the lookup, learned from the same rows as the student; one entry a row of traffic."""
    lookup = fit_lookup(taught(split))
    return {"majority": [lookup.majority] * len(compared.teacher), "lookup": lookup.answer(compared.forms)}


def baseline_figures(compared: Compared, found: dict[str, list[str]]) -> dict[str, object]:
    """Agreement of each baseline."""
    return {
        name: {
            "agreement": plain(agreement(compared.new(said), compared.new(compared.teacher))),
            "agreement_traffic": plain(agreement(said, compared.teacher)),
        }
        for name, said in found.items()
    }


def previous_figures(compared: Compared) -> dict[str, object] | None:
    """This student and the one before it on the same new inputs (exact McNemar); None when it is the first."""
    if compared.previous is None:
        return None
    teacher = compared.new(compared.teacher)
    now, then = (
        [one == other for one, other in zip(said, teacher, strict=True)]
        for said in (compared.new(compared.said), compared.previous)
    )
    test = mcnemar_exact(now, then)
    return {
        "agreement": plain(agreement(compared.previous, teacher)),
        "only_this": test.only_first,
        "only_previous": test.only_second,
        "p_value": test.p_value,
        "n": len(teacher),
    }


def comparisons(compared: Compared, others: dict[str, list[str | None]]) -> list[Comparison]:
    """The student against everyone on new inputs, by the teacher's answers; and against the teacher by the truth.

    others: answers by name, one entry a row of the traffic; None where an answerer was not asked.
    """
    found = _by(compared, "teacher", others)
    if any(truth is not None for truth in compared.new(compared.gold)):
        found += _by(compared, "gold", {"teacher": list(compared.teacher), **others})
    return found


def _by(compared: Compared, by: str, others: dict[str, list[str | None]]) -> list[Comparison]:
    """Those who answered every row share one family for Holm; one who answered some is compared on these."""
    sheet, places = compared.sheet(NEW, by)
    said = compared.said
    whole = {name: taken for name, all_ in others.items() if None not in (taken := [all_[place] for place in places])}
    found = compare([said[place] for place in places], {name: _texts(row) for name, row in whole.items()}, sheet)
    for name in [name for name in others if name not in whole]:
        rows = [number for number, place in enumerate(places) if others[name][place] is not None]
        answered = [places[number] for number in rows]
        part = sheet.take(rows)
        found += compare([said[place] for place in answered], {name: _texts([others[name][p] for p in answered])}, part)
    return found


def _texts(answers: Sequence[str | None]) -> list[str]:
    return [str(answer) for answer in answers]


def plain(interval: Interval | None) -> dict[str, object] | None:
    """An interval as JSON."""
    return asdict(interval) if interval else None
