"""A workspace of the size that the dashboard is held to, made from a small real one.

    python benchmarks/dashboard_workspace.py --template HOME --out HOME [--calls 10000000 --tasks 50 --students 40 --runs 200]

HOME of the template holds an analysis and a student (``spiritsafe demo`` makes one). What is derived is multiplied:
tasks, partials, students, runs, audit rows. The calls are real Parquet rows without text, so that whatever reads all
of them reads as many as it would. No verdict of this workspace means anything.
"""

import argparse
import copy
import hashlib
import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from analytics import record
from analytics.contracts import CALLS
from analytics.kept_tasks import snapshot_folder
from analytics.record import Record, utc_now
from analytics.workspace import Workspace

SEGMENT_ROWS = 1_000_000
SOURCES = ("litellm", "langfuse", "openai_batch")
START = datetime(2026, 8, 20, tzinfo=UTC)
DAYS = 92


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--template", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--calls", type=int, default=10_000_000)
    parser.add_argument("--tasks", type=int, default=50)
    parser.add_argument("--students", type=int, default=40)
    parser.add_argument("--runs", type=int, default=200)
    asked = parser.parse_args()
    make(asked.template, asked.out, asked.calls, asked.tasks, asked.students, asked.runs)


def make(template: Path, out: Path, calls: int, tasks: int, students: int, runs: int) -> Workspace:
    """The workspace in ``out``, which must not exist."""
    shutil.copytree(template, out)
    place = Workspace(out)
    names = _tasks(place, tasks)
    _calls(place, calls)
    _students_and_runs(place, names, students, runs)
    return place


def _tasks(place: Workspace, count: int) -> list[tuple[str, str]]:
    """The tasks of the analysis over and over, with their counts by day."""
    folder = snapshot_folder(place)
    rows = pq.read_table(folder / "tasks.parquet").to_pylist()
    made = [_renamed(rows[number % len(rows)], number) for number in range(count)]
    schema = pq.read_schema(folder / "tasks.parquet")
    pq.write_table(pa.Table.from_pylist(made, schema=schema), folder / "tasks.parquet")
    nodes = pq.read_table(folder / "node_tasks.parquet").to_pylist()
    known = {row["task_id"]: place_ for place_, row in enumerate(rows)}
    copies = {
        place_: [one["task_id"] for at, one in enumerate(made) if at % len(rows) == place_] for place_ in known.values()
    }
    more = [
        {"node_id": f"{node['node_id']}-{number}", "task_id": task_id}
        for node in nodes if node["task_id"] in known
        for number, task_id in enumerate(copies[known[node["task_id"]]])
    ]  # fmt: skip
    pq.write_table(pa.Table.from_pylist(more, schema=pq.read_schema(folder / "node_tasks.parquet")),
                   folder / "node_tasks.parquet")  # fmt: skip
    _multiply(folder / "calls_by_node_and_day.parquet", max(len(ids) for ids in copies.values()))
    return [(row["task_id"], row["name"]) for row in made]


def _renamed(row: dict[str, Any], number: int) -> dict[str, Any]:
    """The same task under another name; the first keeps its own."""
    task_id = row["task_id"] if number < 1 else f"t-scale{number:05d}"
    name = row["name"] if number < 1 else f"{row['name']} {number}"
    texts = {key: row[key].replace(row["task_id"], task_id) for key in ("profile", "decision")}
    return row | {"task_id": task_id, "name": name} | texts


def _multiply(path: Path, times: int) -> None:
    table = pq.read_table(path)
    at = table.schema.get_field_index("node_id")
    parts = [
        table.set_column(at, "node_id", pa.array([f"{node}-{number}" for node in table["node_id"].to_pylist()]))
        for number in range(times)
    ]
    pq.write_table(pa.concat_tables(parts).cast(table.schema), path)


def _calls(place: Workspace, count: int) -> None:
    """Segments of calls without text in place of the template's; the analysis is said to have seen them."""
    draw = np.random.default_rng(7)
    rows = []
    for number in range(0, count, SEGMENT_ROWS):
        rows.append(_segment(place, number, min(SEGMENT_ROWS, count - number), draw))
    with Record(place).write() as connection:
        connection.execute(record.segments.delete().where(record.segments.c.kind.in_(("calls", "gold"))))
        connection.execute(record.segments.insert(), rows)
        hashes = "".join(sorted(row["sha256"] for row in rows))
        version = hashlib.sha256(hashes.encode()).hexdigest()[:16]
        newest = sa.select(record.snapshots.c.summary).order_by(record.snapshots.c.created_at.desc()).limit(1)
        summary = json.loads(connection.execute(newest).scalar_one()) | {"rows": count}
        connection.execute(record.snapshots.update().values(data_version=version, summary=json.dumps(summary)))


def _segment(place: Workspace, first: int, rows: int, draw: np.random.Generator) -> dict[str, Any]:
    seconds = draw.integers(0, DAYS * 86_400, rows)
    at = np.datetime64(START.replace(tzinfo=None), "us") + seconds.astype("timedelta64[s]")
    given = {
        "call_id": pa.array([f"c{first + number}" for number in range(rows)]),
        "source": pa.array(draw.choice(SOURCES, rows)),
        "requested_at": pa.array(at, pa.timestamp("us", tz="UTC")),
        "provider": pa.array(["openai"] * rows),
        "model": pa.array(draw.choice(["gpt-4o", "gpt-4.1", "gpt-4o-mini"], rows)),
        "weight": pa.array(np.ones(rows)),
    }
    columns = [given[f.name].cast(f.type) if f.name in given else pa.nulls(rows, f.type) for f in CALLS]
    path = place.calls / f"scale-{first:09d}.parquet"
    pq.write_table(pa.table(columns, schema=CALLS), path)
    return {"path": str(path.relative_to(place.home)), "kind": "calls", "sha256": f"{first:064d}", "rows": rows,
            "import_id": None, "created_at": utc_now()}  # fmt: skip


def _students_and_runs(place: Workspace, names: list[tuple[str, str]], students: int, runs: int) -> None:
    """Copies of the template's student, its run and its stages; a fifth of the runs failed."""
    with Record(place).write() as connection:
        student = connection.execute(sa.select(record.students).limit(1)).mappings().one()
        run = (
            connection.execute(sa.select(record.runs).where(record.runs.c.run_id == student["run_id"])).mappings().one()
        )
        stages = (
            connection.execute(sa.select(record.stages).where(record.stages.c.run_id == run["run_id"])).mappings().all()
        )
        for number in range(runs):
            failed, is_student = number % 5 == 4, number < students
            run_id, made = f"run_scale{number:05d}", f"{student['kind']}-scale{number:05d}" if is_student else None
            task_id, task = names[number % len(names)]
            when = (datetime.now(UTC) - timedelta(hours=number)).isoformat(timespec="microseconds")
            connection.execute(record.runs.insert().values(
                **{**run, "run_id": run_id, "task_id": task_id, "created_at": when, "student_id": made,
                   "outcome": "failed" if failed and not is_student else "succeeded",
                   "error": "no lesson was left" if failed and not is_student else None}))  # fmt: skip
            for stage in stages[: 3 if failed and not is_student else None]:
                connection.execute(record.stages.insert().values(**{**stage, "run_id": run_id}))
            connection.execute(record.audit_log.insert().values(
                at=when, actor=f"person-{number % 7}", role="operator", action="launch", subject=run_id))  # fmt: skip
            if made:
                connection.execute(
                    record.students.insert().values(**_student(place, student, made, run_id, task_id, task, when))
                )


def _student(
    place: Workspace, student: Any, made: str, run_id: str, task_id: str, task: str, when: str
) -> dict[str, Any]:
    """Its folder beside its row, so that its files verify."""
    folder = place.students / made
    shutil.copytree(place.home / student["path"], folder)
    card = copy.deepcopy(json.loads(student["card"])) | {
        "student_id": made,
        "run_id": run_id,
        "task_id": task_id,
        "task": task,
    }
    text = json.dumps(card, sort_keys=True)
    (folder / "card.json").write_text(text, "utf-8")
    digest = hashlib.sha256(text.encode()).hexdigest()
    return {**student, "student_id": made, "run_id": run_id, "task_id": task_id, "card": text, "card_sha256": digest,
            "path": str(folder.relative_to(place.home)), "created_at": when}  # fmt: skip


if __name__ == "__main__":
    main()
