"""Who may write for a run: a lease with heartbeat and fencing token in the record.

A token only ever rises. A worker that was paused long enough to lose its lease still holds the
old token, so whatever it tries to commit is refused. "Running" means a live lease, nothing stored.
"""

import os
import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psutil
import sqlalchemy as sa

from analytics.errors import WorkspaceBusy
from analytics.record import leases

BEAT_S = 5.0
EXPIRY_S = 30.0  # six missed beats
START_TOLERANCE_S = 2.0  # the kernel's boot time, which start times rest on, is known to a second only


class LeaseLost(WorkspaceBusy):
    """Another worker has taken over; this one must not write."""


@dataclass(frozen=True)
class Owner:
    """One process of one machine. The start time tells it from a later process with the same number."""

    host: str
    pid: int
    process_started_at: float  # seconds since 1970

    def same(self, other: "Owner") -> bool:
        """Whether both are the same process."""
        near = abs(self.process_started_at - other.process_started_at) <= START_TOLERANCE_S
        return self.host == other.host and self.pid == other.pid and near


@dataclass(frozen=True)
class Lease:
    """The right to write under a name, for as long as no higher token was given."""

    name: str
    token: int
    owner: Owner


def owner_of(pid: int) -> Owner:
    """The process with this number, on this machine."""
    return Owner(socket.gethostname(), pid, psutil.Process(pid).create_time())


def this_process() -> Owner:
    """The process that asks."""
    return owner_of(os.getpid())


def process_lives(owner: Owner) -> bool:
    """Whether the process still runs. True on another machine, where only the heartbeat can tell."""
    if owner.host != socket.gethostname():
        return True
    try:
        process = psutil.Process(owner.pid)
        started_at, status = process.create_time(), process.status()
    except psutil.NoSuchProcess:
        return False
    return status != psutil.STATUS_ZOMBIE and owner.same(Owner(owner.host, owner.pid, started_at))


def grant(connection: sa.Connection, name: str, owner: Owner) -> Lease:
    """Give the lease to ``owner`` whoever had it, with the next higher token."""
    found = connection.execute(sa.select(leases.c.token).where(leases.c.name == name)).scalar_one_or_none()
    lease = Lease(name, (found or 0) + 1, owner)
    connection.execute(leases.delete().where(leases.c.name == name))
    connection.execute(leases.insert().values(name=name, token=lease.token, **vars(owner), **_times()))
    return lease


def acquire(connection: sa.Connection, name: str, owner: Owner) -> Lease | None:
    """Take a free lease, or the one that ``owner`` holds already; None while another process lives on it."""
    held = live(connection, name)
    if held is None:
        return grant(connection, name, owner)
    return held if held.owner.same(owner) else None


def live(connection: sa.Connection, name: str) -> Lease | None:
    """The lease under this name if its process lives and its heartbeat is fresh."""
    row = connection.execute(sa.select(leases).where(leases.c.name == name)).one_or_none()
    if row is None or datetime.fromisoformat(row.expires_at) <= datetime.now(UTC):
        return None
    lease = Lease(name, row.token, Owner(row.host, row.pid, row.process_started_at))
    return lease if process_lives(lease.owner) else None


def check(connection: sa.Connection, lease: Lease) -> None:
    """Raise LeaseLost unless ``lease`` is still the newest under its name. Call it in every transaction."""
    token = connection.execute(sa.select(leases.c.token).where(leases.c.name == lease.name)).scalar_one_or_none()
    if token != lease.token:
        raise LeaseLost(f"{lease.name} was taken over by another worker (token {token}, ours is {lease.token})")


def renew(connection: sa.Connection, lease: Lease) -> None:
    """One heartbeat."""
    check(connection, lease)
    connection.execute(leases.update().where(leases.c.name == lease.name).values(**_times()))


def release(connection: sa.Connection, lease: Lease) -> None:
    """Let the lease expire now. The row stays, so that tokens never start again."""
    ours = (leases.c.name == lease.name) & (leases.c.token == lease.token)
    connection.execute(leases.update().where(ours).values(expires_at=datetime.now(UTC).isoformat()))


def _times() -> dict[str, str]:
    now = datetime.now(UTC)
    return {"heartbeat_at": now.isoformat(), "expires_at": (now + timedelta(seconds=EXPIRY_S)).isoformat()}
