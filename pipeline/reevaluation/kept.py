"""Reports as they are kept: a folder each, hashed, under a row in the record that is the commit."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from analytics.errors import DataMissing, UnknownName
from analytics.record import Record, reports
from analytics.workspace import Workspace
from pipeline import artifacts

KIND, DATA = "reevaluation", "reevaluation.json"
PRICES = "prices.json"  # what people had set when the report was made


def keep(workspace: Workspace, found: Mapping[str, Any], documents: Mapping[str, bytes]) -> dict[str, Any]:
    """Write a report with its documents (by file name) and commit it. Returns its summary."""
    report_id = str(found["report_id"])
    final, aside = workspace.reports / report_id, workspace.reports / f".part-{report_id}"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True, mode=0o700)
    artifacts.write_json(aside / DATA, dict(found))
    for name, content in documents.items():
        (aside / name).write_bytes(content)
    if workspace.prices.exists():
        shutil.copyfile(workspace.prices, aside / PRICES)
    artifacts.seal(aside)
    artifacts.publish(aside, final)
    summary = summary_of(workspace, found, documents)
    row = {"report_id": report_id, "kind": KIND, "path": str(final.relative_to(workspace.home))}
    with Record(workspace).write() as connection:
        connection.execute(reports.insert().values(**row, summary=json.dumps(summary), created_at=found["created_at"]))
    return summary


def user_prices(workspace: Workspace, report_id: str) -> Path | None:
    """The prices and discounts that people had set when a report was made; None where there were none."""
    path = workspace.reports / report_id / PRICES
    return path if path.exists() else None


def summary_of(workspace: Workspace, found: Mapping[str, Any], documents: Mapping[str, bytes]) -> dict[str, Any]:
    """What a list of reports shows of one."""
    actions = [one["action"] for one in found["tasks"]]
    folder = workspace.reports / str(found["report_id"])
    return {
        **{name: found[name] for name in ("report_id", "created_at", "trigger", "next_due")},
        "tasks": [one["name"] for one in found["tasks"]],
        "actions": {action: actions.count(action) for action in dict.fromkeys(actions)},
        "files": {Path(name).suffix[1:]: str(folder / name) for name in documents},
    }


def listed(workspace: Workspace) -> list[dict[str, Any]]:
    """Summaries, newest first; files that are no longer there are left out."""
    if not workspace.control.exists():
        return []
    query = sa.select(reports.c.summary).where(reports.c.kind == KIND).order_by(reports.c.created_at.desc())
    with Record(workspace).read() as connection:
        rows = [json.loads(text) for text in connection.execute(query).scalars()]
    return [row | {"files": {kind: path for kind, path in row["files"].items() if Path(path).exists()}} for row in rows]


def read(workspace: Workspace, report_id: str) -> dict[str, Any]:
    """Everything of one report. ``newest`` is one too. Raises UnknownName, or DataMissing where a file was changed."""
    known = listed(workspace)
    row = next((one for one in known if report_id in (one["report_id"], "newest")), None)
    if row is None:
        raise UnknownName("report", report_id, [one["report_id"] for one in known])
    folder = workspace.reports / row["report_id"]
    if artifacts.sealed_hash(folder) is None:
        raise DataMissing(f"{folder} is damaged or missing; make a new report: spiritsafe reeval")
    return artifacts.read_json(folder / DATA) | {"files": row["files"]}
