"""Parts of the traffic, each with its agreement: an average hides where a student fails."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analytics.contracts import Interval
from analytics.statistics import quantile, wilson
from pipeline.evaluation.compared import Compared
from pipeline.filters.language import main_script, strange
from pipeline.metrics.parts.leaves import parse
from pipeline.scores import iso_weeks, length_terciles

LEAST_ROWS = 30  # a smaller part has no figure: its range would hold nearly anything
MAX_CLASSES = 500


@dataclass(frozen=True)
class SliceScore:
    """One part of the traffic."""

    slice: str  # what the traffic is cut by
    value: str
    agreement: Interval | None  # with the teacher; None: fewer than ``least_rows``
    n: int
    least_rows: int = LEAST_ROWS


def slice_scores(compared: Compared) -> list[SliceScore]:
    """Every cut, each of its parts in order of name."""
    is_same = [one == other for one, other in zip(compared.said, compared.teacher, strict=True)]
    return [row for name, values in cuts(compared).items() for row in _scores(name, values, is_same)]


def cuts(compared: Compared) -> Mapping[str, Sequence[str]]:
    """What the traffic is cut by, with the part of each row."""
    found = {
        "input length": length_terciles(compared.inputs),
        "seen before": ["first seen" if fresh else "repeated" for fresh in compared.is_new],
        "language": languages(compared.inputs),
    }
    if any(compared.times):
        found["week"] = iso_weeks(compared.times)
    if len({answer.ood_score for answer in compared.answers}) > 2:
        found["distance to what was taught"] = distance_terciles([answer.ood_score for answer in compared.answers])
    if classes := answer_classes(compared):
        found["class"] = classes
    return found


def _scores(name: str, values: Sequence[str], is_same: Sequence[bool]) -> list[SliceScore]:
    parts: dict[str, list[bool]] = {}
    for value, same in zip(values, is_same, strict=True):
        parts.setdefault(value, []).append(same)
    return [
        SliceScore(name, value, wilson(sum(rows), len(rows)) if len(rows) >= LEAST_ROWS else None, len(rows))
        for value, rows in sorted(parts.items())
    ]


def languages(inputs: Sequence[str]) -> list[str]:
    """The script of each input, and whether its letters are unlike the task's own language."""
    found = []
    for text, far in zip(inputs, strange(inputs), strict=True):
        script = (main_script(text) or "too short to tell").lower()
        found.append(f"{script}, another language" if far == "other_language" else script)
    return found


def distance_terciles(distances: Sequence[float]) -> list[str]:
    """Near, middle or far from what the student was taught, by thirds."""
    near, far = quantile(distances, 1 / 3) or 0.0, quantile(distances, 2 / 3) or 0.0
    return ["1 near" if one < near else "3 far" if one > far else "2 middle" for one in distances]


def answer_classes(compared: Compared) -> list[str]:
    """The teacher's label, or the keys of its JSON; none where answers are no closed set."""
    kind = compared.known.answer_kind
    if kind == "json":
        found = [_keys(answer) for answer in compared.teacher]
    else:
        found = compared.teacher if kind in ("label", "labels") else []
    return found if len(set(found)) <= MAX_CLASSES else []


def _keys(answer: str) -> str:
    found = parse(answer)
    return ", ".join(sorted(found)) or "no keys" if isinstance(found, dict) else "no object"
