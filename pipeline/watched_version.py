"""A name for everything that the pages of Watch are made of: it changes when any of it does."""

import sqlalchemy as sa

from analytics.record import Record, deployments, failure_labels, ledger, reports, segments, snapshots, snoozes
from analytics.workspace import Workspace
from pipeline.artifacts import short_hash

_GROWING = (
    (segments, segments.c.created_at),
    (snapshots, snapshots.c.created_at),
    (deployments, deployments.c.deployment_id),
    (failure_labels, failure_labels.c.label_id),
    (ledger, ledger.c.created_at),
    (snoozes, snoozes.c.snooze_id),
    (reports, reports.c.created_at),
)


def watched_version(workspace: Workspace) -> str:
    """Rows of these tables are only ever added, so how many there are and which is the newest names their state.

    What a router has written and nobody has settled is not in it.
    """
    with Record(workspace).read() as connection:
        found = [
            tuple(connection.execute(sa.select(sa.func.count(), sa.func.max(newest)).select_from(table)).one())
            for table, newest in _GROWING
        ]
    return short_hash([[str(value) for value in row] for row in found])
