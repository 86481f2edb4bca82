"""``spiritsafe.toml``: what an organisation knows better than the defaults.

    [assumptions]
    engineer_week_usd = 6500
    yearly_price_decline = [0.0, 0.2, 0.5]   # low, value, high

    [tasks."intake classifier"]              # of one task, by name or id
    error_cost_calls = 5
    owner = "Support platform"               # who does the next step; "ML engineering" where nobody says

Looked for in the workspace, then in the current folder; the first one found counts.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from analytics.assumptions import Assumptions, Given, defaults
from analytics.errors import InputError
from analytics.task_settings import said_of, with_said
from analytics.workspace import Workspace

FILE = "spiritsafe.toml"
ERROR_COST = "error_cost_calls"
OWNER, DEFAULT_OWNER = "owner", "ML engineering"


@dataclass(frozen=True)
class TaskAssumptions:
    """Where the case of one task starts."""

    assumptions: Assumptions
    error_cost_confirmed: bool  # a person has said what an error of this task costs
    owner: str = DEFAULT_OWNER  # the role that does the next step

    def but(self, values: Mapping[str, Given]) -> "TaskAssumptions":
        """The same with some values tried. Raises InputError, naming the range."""
        changed = self.assumptions.with_values(values, "user-set", "this question") if values else self.assumptions
        return TaskAssumptions(changed, self.error_cost_confirmed or ERROR_COST in values, self.owner)


def settings_file(workspace: Workspace) -> Path | None:
    """The settings file in force, or None."""
    return next((path for path in (workspace.home / FILE, Path(FILE)) if path.is_file()), None)


def user_assumptions(workspace: Workspace) -> Assumptions:
    """The defaults with the settings file's values above them. InputError names the file and what is wrong."""
    return _above(defaults(), workspace, "assumptions")


def task_assumptions(workspace: Workspace, base: Assumptions, task_id: str, name: str) -> TaskAssumptions:
    """Those of one task: the file's table for its name, then for its id, then what people said of it."""
    case = base
    for key in (name, task_id):
        case = _above(case, workspace, "tasks", key)
    case = with_said(case, said_of(workspace, task_id))
    confirmed = case.settings[ERROR_COST] != base.settings[ERROR_COST]
    return TaskAssumptions(case, confirmed, task_owner(workspace, task_id, name))


def task_owner(workspace: Workspace, task_id: str, name: str) -> str:
    """Who does the next step: the file's owner of the task by id, else by name, else the default."""
    path, found = settings_file(workspace), DEFAULT_OWNER
    if path is None:
        return found
    for key in (name, task_id):
        given = _section(path, "tasks", key).get(OWNER, found)
        if not isinstance(given, str) or not given.strip():
            raise InputError(f'{path}: {OWNER} of [tasks."{key}"] takes a role or name in quotes, not {given!r}')
        found = given.strip()
    return found


def _above(base: Assumptions, workspace: Workspace, *table: str) -> Assumptions:
    """The file's values of one table above what was there."""
    path = settings_file(workspace)
    if path is None:
        return base
    values = {name: given for name, given in _section(path, *table).items() if table[0] != "tasks" or name != OWNER}
    try:
        return base.with_values(values, "user-set", str(path), _changed_on(path)) if values else base
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def _section(path: Path, *table: str) -> dict[str, Any]:
    """One table of the file; empty where it has none."""
    section: Any = _read(path)
    for part in table:
        section = section.get(part, {})
        if not isinstance(section, dict):
            raise InputError(f"{path}: [{'.'.join(table)}] must be a table of NAME = VALUE")
    return dict(section)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not readable TOML ({error})") from error


def _changed_on(path: Path) -> str:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).date().isoformat()
