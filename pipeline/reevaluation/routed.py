"""What routers left behind since a moment, counted by task."""

from collections import Counter
from datetime import datetime

import pyarrow.compute as pc
import pyarrow.parquet as pq
import sqlalchemy as sa

from analytics.record import Record, segments
from analytics.workspace import Workspace
from pipeline.reevaluation.changes import Routed


def routed_since(workspace: Workspace, since: datetime) -> dict[str, Routed]:
    """Failures and audits of students' own traffic, by task; empty where no router has run."""
    failures = Counter(task for task, _ in _rows(workspace, "failures", "happened_at", "reason", since))
    audited: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for task, agrees in _rows(workspace, "audits", "audited_at", "agrees", since):
        if agrees is not None:  # null: the teacher gave no answer
            audited[task] += 1
            wrong[task] += not agrees
    return {task: Routed(failures[task], audited[task], wrong[task]) for task in {*failures, *audited}}


def _rows(workspace: Workspace, kind: str, when: str, column: str, since: datetime) -> list[tuple[str, object]]:
    """Task and one column of every row since."""
    with Record(workspace).read() as connection:
        paths = connection.execute(sa.select(segments.c.path).where(segments.c.kind == kind)).scalars().all()
    found: list[tuple[str, object]] = []
    for path in paths:
        table = pq.read_table(workspace.home / path, columns=["task_id", when, column])
        newer = table.filter(pc.and_(pc.greater_equal(table[when], since), pc.is_valid(table["task_id"])))
        found += zip(newer["task_id"].to_pylist(), newer[column].to_pylist(), strict=True)
    return found
