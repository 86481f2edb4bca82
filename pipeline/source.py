"""Where a run's examples come from: the calls of a task, or pairs that a person brings."""

import hashlib

from analytics.errors import DataMissing
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
    if spec.pairs:
        return short_hash(pairs_sha256(spec.pairs))
    from analytics import api

    return api.data_version(workspace)


def require_unchanged(workspace: Workspace, spec: PlanSpec) -> None:
    """Refuse to learn from other data than was planned: the estimate and the plan's name would be wrong."""
    now = current_version(workspace, spec)
    if now != spec.data_version:
        what = f"the pairs in {spec.pairs.path}" if spec.pairs else "the imported calls"
        raise DataMissing(f"{what} changed since the plan was made ({spec.data_version} then, {now} now); plan again")
