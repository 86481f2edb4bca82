"""The workspace's price history: a folder a snapshot, each holding every dated row up to then; old rows never change.

A source that says since when a new price holds, after the snapshot before, gets that day; any other change holds from
the day of the snapshot. A model that vanishes from the lists keeps its last price, for the calls that it served.
"""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import filelock

from analytics.errors import DataMissing, InputError, UnknownName, WorkspaceBusy
from analytics.price_litellm import Json
from analytics.price_snapshot import Sources, snapshot_files, write_snapshot
from analytics.price_table import items, mapping
from analytics.price_user import LOCK_WAIT_S
from analytics.prices import SNAPSHOT, newest_snapshot
from analytics.workspace import Workspace

SHIPPED_NAME = "shipped"


@dataclass(frozen=True)
class Synced:
    """What a sync did."""

    snapshot: str  # its name; that of the snapshot before when nothing was new
    before: str
    is_new: bool
    models: int
    sources: Mapping[str, str]


def sync(workspace: Workspace, sources: Sources, day: date) -> Synced:
    """Add what these lists say on ``day`` to the history. Raises InputError, WorkspaceBusy."""
    workspace.price_history.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with filelock.FileLock(workspace.price_history / ".lock", timeout=LOCK_WAIT_S):
            return _sync(workspace, sources, day)
    except filelock.Timeout as error:
        raise WorkspaceBusy("prices are being synced by another process; try again when it has finished") from error


def _sync(workspace: Workspace, sources: Sources, day: date) -> Synced:
    folder = newest_snapshot(workspace)
    before, earlier = read_files(folder), snapshot_day(folder)
    if day < earlier:
        raise InputError(f"the newest prices here are of {earlier}; a snapshot of {day} would rewrite history")
    after = folded(before, snapshot_files(sources, day), earlier, day)
    models = sum(len(items(file.get("models"))) + len(mapping(file.get("listed"))) for file in after.values())
    if _rows(after) == _rows(before):
        return Synced(name_of(folder), name_of(folder), False, models, sources.names)
    name = _free_name(workspace, day)
    aside = workspace.price_history / f".{name}.{os.getpid()}.part"
    shutil.rmtree(aside, ignore_errors=True)
    write_snapshot(aside, after, day, sources.names)
    shutil.copy(SNAPSHOT / "added.json", aside)
    aside.rename(workspace.price_history / name)
    return Synced(name, name_of(folder), True, models, sources.names)


def _rows(files: Mapping[str, Json]) -> Mapping[str, object]:
    """Everything that prices come from, in one form whether read or made."""
    kept = {name: {part: file.get(part) for part in ("models", "listed", "index")} for name, file in files.items()}
    return mapping(json.loads(json.dumps(kept, sort_keys=True)))


def _free_name(workspace: Workspace, day: date) -> str:
    names = [day.isoformat(), *(f"{day.isoformat()}.{number}" for number in range(2, 10))]
    free = [name for name in names if not (workspace.price_history / name).exists()]
    if not free:
        raise InputError(f"nine snapshots of {day} are stored already; sync again tomorrow")
    return free[0]


def snapshots(workspace: Workspace) -> dict[str, Path]:
    """Every snapshot by name, oldest first; the shipped one is called ``shipped``."""
    synced = sorted(index.parent for index in workspace.price_history.glob("[0-9]*/index.json"))
    return {SHIPPED_NAME: SNAPSHOT, **{folder.name: folder for folder in synced}}


def find_snapshot(workspace: Workspace, name: str) -> Path:
    """A snapshot by name. Raises UnknownName."""
    known = snapshots(workspace)
    if name not in known:
        raise UnknownName("snapshot of prices", name, known)
    return known[name]


def name_of(folder: Path) -> str:
    """How a snapshot is called on the command line."""
    return SHIPPED_NAME if folder == SNAPSHOT else folder.name


def snapshot_day(folder: Path) -> date:
    """The day on which a snapshot was collected."""
    return date.fromisoformat(str(mapping(json.loads((folder / "index.json").read_text()))["snapshot"]))


def read_files(folder: Path) -> dict[str, Json]:
    """Every provider's file of a snapshot, with its part of the index. Raises DataMissing."""
    index = folder / "index.json"
    if not index.exists():
        raise DataMissing(f"{index} is missing; remove that folder, or sync again")
    providers = mapping(json.loads(index.read_text(encoding="utf-8"))["providers"])
    return {
        name: {**json.loads((folder / f"{name}.json").read_text(encoding="utf-8")), "index": entry}
        for name, entry in providers.items()
    }


def folded(before: Mapping[str, Json], after: Mapping[str, Json], earlier: date, day: date) -> dict[str, Json]:
    """The newer lists with the history of the older ones: rows that were in force stay as they are."""
    return {
        name: _folded_file(before.get(name, {}), after.get(name, {}), earlier, day)
        for name in sorted({*before, *after})
    }


def _folded_file(before: Json, after: Json, earlier: date, day: date) -> Json:
    """Rules are tried in the newer order; models that vanished come last, with the rule they had."""
    file: Json = {**before, **after, "index": after.get("index") or before.get("index", {})}
    old = {str(mapping(model)["id"]): mapping(model) for model in items(before.get("models"))}
    new = {str(mapping(model)["id"]): mapping(model) for model in items(after.get("models"))}
    file["models"] = [
        {**model, "prices": _history(_dated(old.get(name)), _dated(model), earlier, day)} for name, model in new.items()
    ] + [_vanished(model, day) for name, model in old.items() if name not in new]
    had, has = mapping(before.get("listed")), mapping(after.get("listed"))
    listed = {
        name: _folded_listing(mapping(had.get(name)), mapping(rates), earlier, day) for name, rates in has.items()
    }
    gone = {name: _vanished(mapping(rates), day) for name, rates in had.items() if name not in has}
    if listed or gone:
        file["listed"] = {**listed, **gone}
    return file


def _folded_listing(old: Json | Mapping[str, object], new: Mapping[str, object], earlier: date, day: date) -> Json:
    dated = _history(_dated(old), _dated(new), earlier, day)
    return {key: value for key, value in dated[0].items() if key != "from"} if len(dated) == 1 else {"prices": dated}


def _vanished(model: Mapping[str, object], day: date) -> Json:
    return {"vanished": day.isoformat(), **model}


def _dated(model: Mapping[str, object] | None) -> list[Json]:
    """Dated rows of a model: a listing without history is one row for all time."""
    if not model:
        return []
    if "prices" in model:
        return [dict(mapping(row)) for row in items(model["prices"])]
    return [{"from": None, **{key: value for key, value in model.items() if key != "vanished"}}]


def _history(old: list[Json], new: list[Json], earlier: date, day: date) -> list[Json]:
    """Old rows, then what is new since; rows announced for days to come are the newer list's."""
    if not old:
        return new
    rows = [row for row in old if _start(row) <= day]
    known = {_start(row) for row in rows}
    rows += [row for row in new if earlier < _start(row) <= day and _start(row) not in known]
    rows.sort(key=_start)
    now = [row for row in new if _start(row) <= day][-1:]
    if now and _rates(rows[-1]) != _rates(now[0]):
        rows = [row for row in rows if _start(row) != day] + [{**now[0], "from": day.isoformat()}]
    return rows + [row for row in new if _start(row) > day]


def _start(row: Mapping[str, object]) -> date:
    return date.fromisoformat(str(row["from"])) if row.get("from") else date.min


def _rates(row: Mapping[str, object]) -> Mapping[str, object]:
    return {key: value for key, value in row.items() if key != "from"}
