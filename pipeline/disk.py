"""Room on the disk of a workspace, beside what runs like the planned one have taken."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from analytics.record import Record, runs, students
from analytics.workspace import Workspace


@dataclass(frozen=True)
class Disk:
    """Bytes free and bytes used before."""

    free_bytes: int
    last_run_bytes: int | None  # of the newest run that made such a student, with all its stages; None: there is none


def room(workspace: Workspace, kind: str) -> Disk:
    """Free room now, and what the newest run that made a student of this kind holds."""
    query = (
        sa.select(runs.c.run_id)
        .join(students, students.c.run_id == runs.c.run_id)
        .where(students.c.kind == kind)
        .order_by(runs.c.created_at.desc())
        .limit(1)
    )
    with Record(workspace).read() as connection:
        run_id = connection.execute(query).scalar_one_or_none()
    used = None if run_id is None else _bytes(workspace.runs / run_id)
    return Disk(shutil.disk_usage(workspace.home).free, used)


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
