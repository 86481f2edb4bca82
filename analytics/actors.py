"""Who does something, what they may do, and the rows that say that it was done."""

import getpass
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

from analytics.errors import InputError
from analytics.record import audit_log, utc_now

Role = Literal["viewer", "operator", "approver", "system"]
RANK: dict[str, int] = {"viewer": 0, "operator": 1, "approver": 2, "system": 3}


@dataclass(frozen=True)
class Actor:
    """A person, or the program itself."""

    name: str
    role: Role


SYSTEM = Actor("spiritsafe", "system")


def at_terminal() -> Actor:
    """Whoever runs a command on this machine may do everything: the files are theirs."""
    return Actor(getpass.getuser(), "approver")


def require(actor: Actor, least: Role, what: str) -> None:
    """Raise InputError unless the actor's role is at least ``least``."""
    if RANK[actor.role] < RANK[least]:
        raise InputError(f"{what} needs the role {least}; {actor.name} is {actor.role}")


def log_action(
    connection: sa.Connection,
    actor: Actor,
    action: str,
    subject: str,
    reason: str | None = None,
    detail: Mapping[str, object] | None = None,
) -> None:
    """One row in the audit log, in the transaction of what was done."""
    row = {"at": utc_now(), "actor": actor.name, "role": actor.role, "action": action, "subject": subject}
    text = None if detail is None else json.dumps(dict(detail), sort_keys=True)
    connection.execute(audit_log.insert().values(**row, reason=reason, detail=text))
