"""What an import says of itself: every row of every file accounted for."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass
class FileReport:
    """What one file gave."""

    file: str
    format: str | None = None
    confidence: float | None = None  # of the format, 0..1; null when it was given
    rows_in: int = 0
    calls: int = 0
    duplicates: int = 0
    quarantined: int = 0
    error: str | None = None  # a problem of the whole file; the other files went on
    reasons: dict[str, int] = field(default_factory=dict)  # quarantine reasons, by count
    redacted: dict[str, int] = field(default_factory=dict)  # personal values that tokens took the place of, by kind
    notes: list[str] = field(default_factory=list)  # what a person should know of how it was read


@dataclass
class ImportReport:
    """What an import gave in all."""

    rows_in: int
    calls: int
    duplicates: int
    quarantined: int
    files: list[FileReport]
    seconds: float


def add(report: FileReport, part: FileReport) -> None:
    """Count one part of an input with the parts before it."""
    report.format, report.confidence = part.format, part.confidence
    report.rows_in += part.rows_in
    report.calls += part.calls
    report.duplicates += part.duplicates
    report.quarantined += part.quarantined
    report.notes += part.notes
    count(report.reasons, part.reasons)
    count(report.redacted, part.redacted)


def count(total: dict[str, int], more: Mapping[str, int]) -> None:
    """Add one set of counts to another."""
    for name, number in more.items():
        total[name] = total.get(name, 0) + number
