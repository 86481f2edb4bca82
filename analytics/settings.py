"""``spiritsafe.toml``: what an organisation knows better than the defaults.

    [assumptions]
    engineer_week_usd = 6500
    yearly_price_decline = [0.0, 0.2, 0.5]   # low, value, high

Looked for in the workspace, then in the current folder; the first one found counts.
"""

import tomllib
from pathlib import Path
from typing import Any

from analytics.assumptions import Assumptions, defaults
from analytics.errors import InputError
from analytics.workspace import Workspace

FILE = "spiritsafe.toml"


def settings_file(workspace: Workspace) -> Path | None:
    """The settings file in force, or None."""
    return next((path for path in (workspace.home / FILE, Path(FILE)) if path.is_file()), None)


def user_assumptions(workspace: Workspace) -> Assumptions:
    """The defaults with the settings file's values above them. InputError names the file and what is wrong."""
    path = settings_file(workspace)
    if path is None:
        return defaults()
    try:
        found: dict[str, Any] = tomllib.loads(path.read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not readable TOML ({error})") from error
    section = found.get("assumptions", {})
    if not isinstance(section, dict):
        raise InputError(f"{path}: [assumptions] must be a table of NAME = VALUE")
    try:
        return defaults().with_values(section)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
