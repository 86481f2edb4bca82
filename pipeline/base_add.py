"""``bases add``: a base of a person's own, described in the workspace so that plans and students can name it."""

import json
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import Any

from analytics.errors import InputError
from analytics.record import utc_now
from analytics.workspace import Workspace
from pipeline import hub
from pipeline.base_config import from_config, from_folder
from pipeline.base_files import files_fingerprint, require_safe
from pipeline.base_models import ADDED, BaseModel, find_base


def add_base(workspace: Workspace, source: str, name: str | None = None, **stated: Any) -> BaseModel:
    """Describe a folder, or ORGANISATION/MODEL@COMMIT of a hub, and write that to the workspace.

    stated: fields of BaseModel that a person knows and a config does not say, such as licence or released.
    Raises InputError for pickled weights, remote code or a revision that is no commit.
    """
    found = _of_folder(Path(source)) if Path(source).is_dir() else _of_hub(source)
    today = date.fromisoformat(utc_now()[:10])
    given = {key: value for key, value in stated.items() if value is not None}
    base = replace(found, checked=today, name=name or found.name.lower(), **given)
    path = workspace.create().home / ADDED / f"{base.name}.toml"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.write_text(as_toml(base), "utf-8")
    return find_base(str(path))


def _of_folder(folder: Path) -> BaseModel:
    require_safe(folder)
    return replace(from_folder(folder), files_sha256=files_fingerprint(folder))


def _of_hub(source: str) -> BaseModel:
    hub_id, _, revision = source.partition("@")
    config = hub.fetch_config(hub_id, revision)
    base = from_config(config, hub_id.rpartition("/")[2], f"config.json of {hub_id}")
    return replace(base, hub_id=hub_id, revision=revision, revision_source="named by the person who added it")


def as_toml(base: BaseModel) -> str:
    """The file that ``read_base`` reads back as the same base. Empty fields with a default are left out."""
    lines = []
    for field in fields(base):
        value = getattr(base, field.name)
        if value is None:
            value = ""
        elif value == field.default:
            continue
        lines.append(f"{field.name} = {_plain(value)}")
    return "\n".join(lines) + "\n"


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple):
        return f"[{', '.join(_plain(item) for item in value)}]"
    if not isinstance(value, str) or "\x7f" in value:
        raise InputError(f"{value!r} cannot stand in a TOML file")
    return json.dumps(value, ensure_ascii=False)
