"""Where a run's examples come from: the calls of a task, or pairs that a person brings."""

import hashlib

import sqlalchemy as sa

from analytics.errors import DataMissing
from analytics.record import Record, snapshots
from analytics.workspace import Workspace
from pipeline.artifacts import file_sha256, short_hash
from pipeline.contracts import PairsSource, PlanSpec
from pipeline.tabular import column_text, existing, read_rows


def pairs_sha256(pairs: PairsSource) -> str:
    """One hash of the bytes of both files."""
    files = [existing(path) for path in (pairs.path, pairs.test_path) if path]
    return hashlib.sha256(" ".join(file_sha256(file) for file in files).encode()).hexdigest()


def count_pairs(pairs: PairsSource) -> tuple[int, int]:
    """Rows to learn from and rows of the test file; raises InputError at the first row without a column."""
    return _count(pairs, pairs.path), _count(pairs, pairs.test_path) if pairs.test_path else 0


def _count(pairs: PairsSource, path: str) -> int:
    columns = [column for column in (pairs.input_column, pairs.output_column, pairs.gold_column) if column]
    rows = 0
    for rows, row in enumerate(read_rows(path), start=1):
        for column in columns:
            column_text(row, column, f"{path}, row {rows}")
    if not rows:
        raise DataMissing(f"{path} holds no rows")
    return rows


def current_version(workspace: Workspace, spec: PlanSpec) -> str:
    """The version of the data that ``spec`` reads, as it is now."""
    return short_hash(pairs_sha256(spec.pairs)) if spec.pairs else log_version(workspace)


def log_version(workspace: Workspace) -> str:
    """The version of the imported calls. Raises DataMissing when there are none, or none of the newest analysed.

    Tasks are found by an analysis: calls that came after it belong to no task yet, and a run would miss them.
    """
    from analytics import api

    version = api.data_version(workspace)
    if version is None:
        raise DataMissing(f"no calls in {workspace.home}; import a log first: spiritsafe import PATH")
    with Record(workspace).read() as connection:
        newest = sa.select(snapshots.c.data_version).order_by(snapshots.c.created_at.desc()).limit(1)
        analysed = connection.execute(newest).scalar_one_or_none()
    if analysed is not None and analysed != version:
        raise DataMissing("calls were imported after the last analysis; first run: spiritsafe analyze")
    return version


def require_unchanged(workspace: Workspace, spec: PlanSpec) -> None:
    """Refuse to learn from other data than was planned: the estimate and the plan's name would be wrong."""
    now = current_version(workspace, spec)
    if now != spec.data_version:
        what = f"the pairs in {spec.pairs.path}" if spec.pairs else "the imported calls"
        raise DataMissing(f"{what} changed since the plan was made ({spec.data_version} then, {now} now); plan again")
