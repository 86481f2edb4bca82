"""What a student forgot: its base and itself on the same general probes.

Perplexity over plain passages, and accuracy over sets of multiple choice, where the choice that the model finds
likeliest counts as its answer (log-likelihood of the choice after the question, as in lm-evaluation-harness). Both
are paired: the same passages and questions, so the intervals are of differences.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from analytics.contracts import Interval
from analytics.errors import DataMissing
from analytics.statistics import mcnemar_exact
from pipeline import general
from pipeline.artifacts import read_json, write_json
from pipeline.contracts import Student

NOT_A_DECODER = "only a decoder has general abilities of its base to lose"
KEPT = "probes"  # folder of a workspace: what bases scored, so that each is asked once


@dataclass(frozen=True)
class Scores:
    """What one model makes of the probes."""

    surprise: list[float]  # mean -log p(token) of each passage [nats]
    is_right: list[bool]  # of each question


def report(student: Student, home: Path) -> dict[str, object]:
    """``forgetting`` of an evaluation; null with the reason where a kind has none."""
    if student.kind != "causal":
        return {"forgetting": None, "forgetting_reason": NOT_A_DECODER}
    from pipeline.students.neural.probing import base_scores, student_scores

    before = _kept(home, student) or _keep(home, student, base_scores(student))
    return {"forgetting": compare(before, student_scores(student)), "forgetting_reason": None}


def compare(base: Scores, student: Scores) -> dict[str, object]:
    """Base against student on the same probes."""
    asked = general.questions()
    sets = {name: [one.set == name for one in asked] for name in sorted({one.set for one in asked})}
    return {
        "probes": general.probes_sha256(),
        "perplexity": {
            "base": perplexity(base.surprise),
            "student": perplexity(student.surprise),
            "ratio": asdict(perplexity_ratio(base.surprise, student.surprise)),
        },
        "choices": {
            "all": _choices(base.is_right, student.is_right),
            **{name: _choices(_take(base.is_right, its), _take(student.is_right, its)) for name, its in sets.items()},
        },
    }


def perplexity(surprise: Sequence[float]) -> float:
    """exp of the mean over passages of -log p(token).

    >>> round(perplexity([math.log(8), math.log(2)]), 6)
    4.0
    """
    return math.exp(sum(surprise) / len(surprise))


def perplexity_ratio(base: Sequence[float], student: Sequence[float]) -> Interval:
    """Student's perplexity over the base's; 1 means that nothing was lost.

    The paired differences of the passages have a mean with Student's t interval, of which exp is taken.

    >>> ratio = perplexity_ratio([1.0, 2.0, 3.0], [1.1, 2.2, 3.3])
    >>> [round(value, 4) for value in (ratio.value, ratio.low, ratio.high)]
    [1.2214, 0.9527, 1.5658]
    """
    middle, low, high = _mean_interval([after - before for before, after in zip(base, student, strict=True)])
    return Interval(math.exp(middle), math.exp(low), math.exp(high), "95% t over passages, paired", len(base))


def accuracy_difference(base: Sequence[bool], student: Sequence[bool]) -> Interval:
    """Student's accuracy less the base's, on the same questions; below 0 where something was lost.

    Mean of the paired differences (-1, 0, 1) with Student's t interval.

    >>> lost = accuracy_difference([True, True, True, False], [True, False, True, False])
    >>> lost.value, round(lost.low, 4)
    (-0.25, -1.0)
    """
    middle, low, high = _mean_interval([int(after) - int(before) for before, after in zip(base, student, strict=True)])
    return Interval(middle, max(-1.0, low), min(1.0, high), "95% t over questions, paired", len(base))


def _mean_interval(values: Sequence[float]) -> tuple[float, float, float]:
    from scipy.stats import t

    count, mean = len(values), sum(values) / len(values)
    if count < 2:
        return mean, -math.inf, math.inf
    spread = math.sqrt(sum((value - mean) ** 2 for value in values) / (count - 1) / count)
    reach = float(t.ppf(0.975, count - 1)) * spread
    return mean, mean - reach, mean + reach


def _choices(base: Sequence[bool], student: Sequence[bool]) -> dict[str, object]:
    test = mcnemar_exact(student, base)
    return {
        "base": sum(base) / len(base),
        "student": sum(student) / len(student),
        "difference": asdict(accuracy_difference(base, student)),
        "p_value": test.p_value,
        "n": len(base),
    }


def _take(values: Sequence[bool], its: Sequence[bool]) -> list[bool]:
    return [value for value, keep in zip(values, its, strict=True) if keep]


def _file(home: Path, student: Any) -> Path:
    return home / KEPT / f"{general.probes_sha256()}-{student.card.base_sha256[:24]}.json"


def _kept(home: Path, student: Any) -> Scores | None:
    if not student.card.base_sha256:  # a student of an older version: which base it was cannot be known
        return None
    try:
        data: dict[str, Any] = read_json(_file(home, student))
        return Scores(**data)
    except (OSError, ValueError, TypeError, DataMissing):
        return None


def _keep(home: Path, student: Any, scores: Scores) -> Scores:
    if not student.card.base_sha256:
        return scores
    path = _file(home, student)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_json(path, asdict(scores))
    return scores
