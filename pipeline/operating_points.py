"""What a threshold would do: share served, errors among what is served, calls a month and money, point by point.

Read off the newest traffic that the student was evaluated on, which had no part in choosing its threshold. The upper
bound of the error is Clopper and Pearson's, one-sided at 1 - delta, for one threshold looked at by itself: whoever
looks at many and takes the best has less confidence. The threshold in force rests on Learn-then-Test instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.statistics import clopper_pearson_upper, wilson
from analytics.workspace import Workspace
from pipeline.contracts import Answer
from pipeline.evaluated import open_evaluated
from pipeline.evaluation.costs import calls_per_month

POINTS = 60


@dataclass(frozen=True)
class OperatingPoint:
    """One threshold on the traffic."""

    threshold: float
    coverage: float  # share of the traffic that the student would answer
    error: float | None  # share of these that differ from the teacher; None: none are served
    error_low: float | None  # 95 % Wilson
    error_upper: float | None  # one-sided at 1 - delta
    served: int
    errors: int


@dataclass(frozen=True)
class OperatingRange:
    """All points, strictest first, with what turns shares into calls and money."""

    student_id: str
    alpha: float
    delta: float
    threshold: float | None  # of the student's own calibration
    rows: int  # of the traffic
    calls_a_month: float | None
    teacher_usd_per_1000: float | None
    student_usd_per_1000: float | None
    points: list[OperatingPoint]

    def errors_a_day(self, point: OperatingPoint) -> float | None:
        """Answers a day that would differ from the teacher's; a month has 365.25 / 12 days."""
        if self.calls_a_month is None or point.error is None:
            return None if self.calls_a_month is None else 0.0
        return self.calls_a_month * point.coverage * point.error / (365.25 / 12)

    def saved_usd_a_month(self, point: OperatingPoint) -> float | None:
        """Teacher's price of what the student answers, less the student's own cost of it; audits are not in it."""
        if None in (self.calls_a_month, self.teacher_usd_per_1000, self.student_usd_per_1000):
            return None
        each = (self.teacher_usd_per_1000 or 0.0) - (self.student_usd_per_1000 or 0.0)
        return (self.calls_a_month or 0.0) * point.coverage * each / 1000

    def nearest(self, threshold: float) -> OperatingPoint:
        """The point whose threshold is the closest."""
        return min(self.points, key=lambda point: abs(point.threshold - threshold))

    def highest_within(self) -> OperatingPoint | None:
        """The point of most coverage whose upper bound keeps the promise; None where none does."""
        kept = [point for point in self.points if point.error_upper is not None and point.error_upper <= self.alpha]
        return max(kept, key=lambda point: point.coverage, default=None)


def operating_range(workspace: Workspace, student_id: str) -> OperatingRange:
    """The whole curve of a student. Raises UnknownName, DataMissing."""
    found = open_evaluated(workspace, student_id)
    card, compared = found.card, found.compared
    right = [said == wanted for said, wanted in zip(compared.said, compared.teacher, strict=True)]
    cost = card.get("cost_per_1000") or {}
    return OperatingRange(
        student_id, card["alpha"], card["delta"], card["threshold"], len(right),
        calls_per_month(compared.times, compared.weights),
        (cost.get("teacher") or {}).get("usd"), (cost.get("student") or {}).get("usd"),
        points(compared.answers, right, card["ood_cutoff"], card["delta"]),
    )  # fmt: skip


def points(
    given: Sequence[Answer], right: Sequence[bool], ood_cutoff: float, delta: float, count: int = POINTS
) -> list[OperatingPoint]:
    """At most ``count`` thresholds, at even steps of how many familiar answers they let through; strictest first."""
    familiar = sorted(
        ((answer.confidence, ok) for answer, ok in zip(given, right, strict=True) if answer.ood_score <= ood_cutoff),
        key=lambda row: -row[0],
    )
    ends = sorted({round(step * len(familiar) / count) for step in range(1, count + 1)} - {0})
    made = {}
    for end in ends:
        threshold = familiar[end - 1][0]
        taken = [ok for sure, ok in familiar if sure >= threshold]  # equals come together or not at all
        made[threshold] = _point(threshold, taken, len(given), delta)
    return list(made.values())


def _point(threshold: float, taken: Sequence[bool], rows: int, delta: float) -> OperatingPoint:
    errors = taken.count(False)
    found = wilson(errors, len(taken))
    return OperatingPoint(
        threshold, len(taken) / rows, found.value if found else None, found.low if found else None,
        clopper_pearson_upper(errors, len(taken), delta) if taken else None, len(taken), errors,
    )  # fmt: skip
