"""``ledger verify``: everything booked, worked out again from raw rows, equal to the micro-dollar or named."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from analytics.workspace import Workspace
from pipeline.ledger_book import Booked, Entry, book, booked, damaged_segments, differences
from pipeline.ledger_student import Student, read_students


@dataclass(frozen=True)
class Wrong:
    """One booked row that raw rows do not give."""

    ledger_id: str
    student_id: str
    scope: str
    day: date
    differences: list[str]


@dataclass(frozen=True)
class Verified:
    """What was compared, and what differs."""

    rows: int
    equal: int
    saving_usd: float  # booked, all students
    wrong: list[Wrong]
    late: list[str]  # rows that grew since they were booked: ``ledger check`` books them anew
    unbooked_days: int  # days that are over and not booked yet
    damaged_files: list[str]  # committed files that are gone or changed

    @property
    def is_right(self) -> bool:
        """Whether the ledger is what raw rows say."""
        return not self.wrong and not self.damaged_files


def book_all(workspace: Workspace) -> int:
    """Book every day that is over, of every student. Returns how many rows were added."""
    return book(workspace, [entry for student in read_students(workspace) for entry in student.entries])


def verify(workspace: Workspace) -> Verified:
    """Work out every booked row again. Nothing is written."""
    students, rows = read_students(workspace), booked(workspace)
    entries = {(one.student_id, one.scope, one.day): one for student in students for one in _entries(student)}
    shares = {student.student_id: _shares(student) for student in students}
    wrong, late = list[Wrong](), list[str]()
    for key, row in rows.items():
        found = _check(row, entries.get(key), shares.get(row.student_id, {}))
        if found == [_LATE]:
            late.append(row.ledger_id)
        elif found:
            wrong.append(Wrong(row.ledger_id, row.student_id, row.scope, row.day, found))
    open_ = {(one.student_id, one.scope, one.day) for student in students for one in student.entries} - rows.keys()
    saving = sum(row.columns["net_saving_micros"] or 0 for row in rows.values()) / 1e6
    equal = len(rows) - len(wrong) - len(late)
    return Verified(len(rows), equal, saving, wrong, late, len(open_), damaged_segments(workspace) if rows else [])


_LATE = "late"


def _entries(student: Student) -> list[Entry]:
    return [student.once, *(day.entry for day in student.days)]


def _shares(student: Student) -> Mapping[str, str]:
    """Share of the bill that each analysis left."""
    return {one.snapshot_id: str(one.kept_share) for one in student.judged}


def _check(row: Booked, entry: Entry | None, shares: Mapping[str, str]) -> list[str]:
    if entry is None:
        return ["no raw row of this student and day is left"]
    grew = entry.calls >= row.calls and int(entry.detail.get("audits", 0)) >= int(row.detail.get("audits", 0))
    if row.scope == "day" and entry.evidence != row.detail["evidence"] and grew:
        return [_LATE]
    found = differences(entry, row)
    if row.scope == "day":
        found += _configuration(row, shares)
        if entry.evidence != row.detail["evidence"]:
            found.append("calls or audits that it was booked from are missing")
    if row.ledger_id != _name(entry, row):
        found.append("its name is not that of what it is of")
    return found


def _configuration(row: Booked, shares: Mapping[str, str]) -> list[str]:
    """The configuration's share, as the analysis has it that the row names."""
    snapshot, kept = row.detail.get("snapshot_id"), str(row.terms.kept_share)
    told = "1" if snapshot is None else shares.get(str(snapshot))
    if told is None or float(told) == float(kept):
        return []
    return [f"kept_share: booked {kept}, analysis {snapshot} says {told}"]


def _name(entry: Entry, row: Booked) -> str:
    return entry.ledger_id if entry.evidence == row.detail["evidence"] else row.ledger_id


def as_json(found: Verified) -> dict[str, Any]:
    """The documented keys."""
    return {**vars(found), "wrong": [vars(one) for one in found.wrong], "is_right": found.is_right}
