"""Make logs of applications with a known truth, find their tasks, and say how well: V-measure and wrong merges.

    python benchmarks/tasks.py --workload PATH/make_workload.py --out FOLDER [--rows 30000] [--only NAME]

Each log is made once and kept in FOLDER. ``worst_merge`` is the largest share of an application's spend that lies
in a task which another application leads. Prints one JSON line a log.
"""

import argparse
import gzip
import hashlib
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from analytics.ingest import import_files
from analytics.store import open_store
from analytics.tasks.discover import discover
from analytics.workspace import Workspace
from benchmarks.task_packs import PACKS
from benchmarks.workload import v_measure


@dataclass(frozen=True)
class Log:
    """One log to make; pack None is the generator's own."""

    name: str
    pack: str | None
    seed: int
    options: tuple[str, ...] = ()


LOGS = (
    Log("shipped_1", None, 1, ("--apps", "all")),
    Log("shipped_5", None, 5, ("--apps", "all")),
    Log("shipped_11_openai", None, 11, ("--apps", "all", "--format", "openai")),
    Log("shipped_12_tags", None, 12, ("--apps", "all", "--tags", "some")),
    Log("shipped_13_no_text", None, 13, ("--apps", "all", "--content", "0.6")),
    Log("tune_one", "tune_one", 21),
    Log("tune_one_no_text", "tune_one", 22, ("--content", "0.6")),
    Log("tune_two", "tune_two", 23),
    Log("tune_two_no_text", "tune_two", 24, ("--content", "0.6")),
    Log("held_one", "held_one", 31),
    Log("held_one_no_text", "held_one", 32, ("--content", "0.6")),
    Log("held_two", "held_two", 33),
    Log("held_two_no_text", "held_two", 34, ("--content", "0.6")),
    Log("held_three", "held_three", 35),
    Log("held_three_no_text", "held_three", 36, ("--content", "0.6")),
)


def main() -> None:
    """Make what is missing, then measure each log."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workload", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rows", type=int, default=30_000)
    parser.add_argument("--only", default="")
    parser.add_argument("--verbose", action="store_true")
    given = parser.parse_args()
    for log in LOGS:
        if re.fullmatch(given.only or ".*", log.name):
            folder = make(log, given.workload, given.out, given.rows)
            print(json.dumps({"log": log.name, **measure(folder, given.verbose)}), flush=True)


def make(log: Log, workload: Path, out: Path, rows: int) -> Path:
    """The log's folder; made when it is not there."""
    folder = out / f"{log.name}-{rows}"
    if (folder / "manifest.json").exists():
        return folder
    out.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable,
        str(workload),
        "--rows",
        str(rows),
        "--out",
        str(folder),
        "--seed",
        str(log.seed),
        *log.options,
    ]
    if log.pack:
        pack = out / f"{log.pack}.json"
        pack.write_text(json.dumps({"name": log.pack, "apps": PACKS[log.pack]}))
        command += ["--pack", str(pack)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    for file in sorted((folder / "litellm").glob("*.gz")) if log.pack else []:
        fill_in(file)
    return folder


def fill_in(file: Path) -> None:
    """Give every call its own inserts where the pack's prompts ask for them."""
    with gzip.open(file, "rt") as lines:
        rows = [json.loads(line) for line in lines]
    with gzip.open(file, "wt", compresslevel=1) as out:
        for row in rows:
            if "[[" in row["messages"]:
                messages = json.loads(row["messages"])
                messages[0]["content"] = re.sub(
                    r"\[\[(.*?)\]\]", lambda m, i=row["request_id"]: insert(m[1], i), messages[0]["content"], flags=re.S
                )
                row["messages"] = json.dumps(messages)
            out.write(json.dumps(row) + "\n")


def insert(choices: str, request_id: str) -> str:
    """One of the choices, or a passage of made-up words."""
    seed = int.from_bytes(hashlib.blake2b((choices + request_id).encode(), digest_size=8).digest(), "big")
    if choices == "document":
        words = [
            "harbour",
            "ledger",
            "valve",
            "morning",
            "quota",
            "paper",
            "tariff",
            "meadow",
            "signal",
            "copper",
            "index",
            "orchard",
            "ferry",
            "lamp",
            "canal",
            "treaty",
        ]
        return " ".join(words[(seed >> (n % 40)) * (n + 7) % len(words)] for n in range(40 + seed % 160))
    options = choices.split("||")
    return options[seed % len(options)]


def measure(folder: Path, verbose: bool = False) -> dict[str, object]:
    """Import, discover, compare with the truth."""
    logs = next(folder / name for name in ("litellm", "openai") if (folder / name).is_dir())
    kept = folder / "home"
    workspace = Workspace(kept)
    if not kept.exists():
        import_files(workspace, [str(logs)])
    with open_store(workspace) as store:
        started = time.monotonic()
        tasks, call_tasks = discover(store)
        seconds = time.monotonic() - started
        con = store.connection
        con.register("found", call_tasks)
        con.read_parquet(str(folder / "truth" / "*.parquet")).create_view("truth")
        rows = con.sql(PAIRS).fetchall()
    if verbose:
        for line in confusion(
            rows, {task.task_id: f"{task.name} ({task.found_by}, {task.versions})" for task in tasks}
        ):
            print(line)
    pairs = [(app, task) for app, task, calls, _ in rows for _ in range(calls)]
    app, share = worst_merge(rows)
    figures = v_measure([one for one, _ in pairs], [task for _, task in pairs])
    return {
        **{key: round(value, 4) for key, value in figures.items()},
        "apps": len({a for a, *_ in rows}),
        "tasks": len({t for _, t, *_ in rows}),
        "worst_merge": round(share, 4),
        "of": app,
        "seconds": round(seconds, 1),
    }


PAIRS = """
select truth.app, found.task_id, count(*) as calls, sum(truth.spend) as spend
from (select distinct on (request_id) * from truth) as truth
inner join found on found.call_id = truth.request_id
group by all order by app, calls desc
"""


def worst_merge(rows: list[tuple[str, str, int, float]]) -> tuple[str, float]:
    """The application with the largest share of its spend inside another application's task."""
    lead: dict[str, tuple[float, str]] = {}
    for app, task, _, spend in rows:
        lead[task] = max(lead.get(task, (-1.0, "")), (spend, app))
    total: dict[str, float] = {}
    lost: dict[str, float] = {}
    for app, task, _, spend in rows:
        total[app] = total.get(app, 0.0) + spend
        lost[app] = lost.get(app, 0.0) + (spend if lead[task][1] != app else 0.0)
    return max(((app, lost[app] / total[app] if total[app] else 0.0) for app in total), key=lambda pair: pair[1])


def confusion(rows: list[tuple[str, str, int, float]], names: dict[str, str]) -> Iterator[str]:
    """Which task holds how much of which application."""
    for app, task, calls, spend in rows:
        yield f"  {app:20} {calls:6} ${spend:9.3f}  {task} {names.get(task, '?')}"


if __name__ == "__main__":
    main()
