"""How a student's answers compare with the teacher's, by class, and how inputs are cut by length and week."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from analytics.contracts import Interval
from analytics.statistics import wilson


@dataclass(frozen=True)
class ClassScore:
    """One label."""

    label: str
    support: int  # rows on which the teacher said it
    precision: float | None  # None: the student never said it
    recall: float | None
    agreement: Interval | None  # the recall with its range


def agreement(said: Sequence[str], teacher: Sequence[str]) -> Interval | None:
    """Share of equal answers; None without rows."""
    return wilson(sum(one == other for one, other in zip(said, teacher, strict=True)), len(said))


def class_scores(said: Sequence[str], teacher: Sequence[str]) -> list[ClassScore]:
    """One row a label that either side used, the most frequent first."""
    support, given = Counter(teacher), Counter(said)
    both = Counter(one for one, other in zip(said, teacher, strict=True) if one == other)
    labels = sorted(support.keys() | given.keys(), key=lambda label: (-support[label], label))
    return [
        ClassScore(
            label,
            support[label],
            both[label] / given[label] if given[label] else None,
            both[label] / support[label] if support[label] else None,
            wilson(both[label], support[label]),
        )
        for label in labels
    ]


def macro_f1(scores: Sequence[ClassScore]) -> float | None:
    """Mean over the teacher's labels of 2 * precision * recall / (precision + recall).

    A label that the student never found counts 0: its failure, not an unknown. None without labels.
    """
    values = [_f1(score) for score in scores if score.support]
    return sum(values) / len(values) if values else None


def _f1(score: ClassScore) -> float:
    precision, recall = score.precision or 0.0, score.recall or 0.0
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def length_terciles(texts: Sequence[str]) -> list[str]:
    """Short, middle or long, by thirds of these texts' own lengths [characters]."""
    ordered = sorted(len(text) for text in texts)
    if not ordered:
        return []
    short, long = ordered[len(ordered) // 3], ordered[2 * len(ordered) // 3]
    return ["1 short" if len(text) < short else "3 long" if len(text) > long else "2 middle" for text in texts]


def iso_weeks(times: Sequence[datetime | None]) -> list[str]:
    """The ISO week of each time, such as 2026-W05; unknown where there is none."""
    return [f"{week.year}-W{week.week:02d}" if (week := time and time.isocalendar()) else "unknown" for time in times]
