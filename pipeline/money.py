"""What a run has paid others so far."""

import sqlalchemy as sa

from analytics.errors import DataMissing
from analytics.record import Record, runs
from analytics.workspace import Workspace


def paid_usd(workspace: Workspace, run_id: str) -> float | None:
    """Of the record [USD]; None where the record does not know the run."""
    try:
        with Record(workspace).read() as connection:
            query = sa.select(runs.c.spent_micros).where(runs.c.run_id == run_id)
            spent = connection.execute(query).scalar_one_or_none()
    except DataMissing:  # a stage that is run by itself has no record
        return None
    return None if spent is None else float(spent) / 1e6
