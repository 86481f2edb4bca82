"""What people said of one task: its own assumptions, above those of ``spiritsafe.toml``.

Kept in the workspace's ``assumptions.json``, one entry a statement with who, when and why; the newest of a name counts,
and one without a value takes it back.
"""

import getpass
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import filelock

from analytics import record
from analytics.assumptions import Assumptions, Given, defaults, known
from analytics.errors import DataMissing
from analytics.segments import write_whole
from analytics.workspace import Workspace

FILE = "assumptions.json"


@dataclass(frozen=True)
class Said:
    """One statement about one task."""

    task_id: str
    name: str  # of the assumption
    value: str | None  # VALUE or LOW:VALUE:HIGH; None takes it back
    by: str
    at: str
    why: str = ""


def said_of(workspace: Workspace, task_id: str) -> dict[str, Said]:
    """What counts for a task, by assumption."""
    newest = {one.name: one for one in _read(workspace) if one.task_id == task_id}
    return {name: one for name, one in newest.items() if one.value is not None}


def with_said(base: Assumptions, said: Mapping[str, Said]) -> Assumptions:
    """The assumptions with what people said of the task above them."""
    for one in said.values():
        source = f"{one.by}: {one.why}" if one.why else one.by
        base = base.with_values({one.name: one.value or ""}, "user-set", source, one.at[:10])
    return base


def say(
    workspace: Workspace, task_id: str, values: Mapping[str, Given | None], why: str = "", by: str | None = None
) -> list[Said]:
    """Keep statements about a task. InputError names a value outside its range; nothing is kept then."""
    defaults().with_values({name: value for name, value in values.items() if value is not None})
    at, by = record.utc_now(), by or _who()
    new = [Said(task_id, known(name).name, _text(value), by, at, why) for name, value in values.items()]
    path = workspace.home / FILE
    with filelock.FileLock(f"{path}.lock", timeout=30):
        write_whole(path, json.dumps([asdict(one) for one in [*_read(workspace), *new]], indent=1))
    return new


def _who() -> str:
    """The account that runs this; in a container it may have no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"


def _text(value: Given | None) -> str | None:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ":".join(map(str, value))
    return None if value is None else str(value)


def _read(workspace: Workspace) -> list[Said]:
    path: Path = workspace.home / FILE
    if not path.exists():
        return []
    try:
        return [Said(**one) for one in json.loads(path.read_text())]
    except (ValueError, TypeError) as error:
        raise DataMissing(f"{path} cannot be read ({error}); restore it from a backup or remove it") from error
