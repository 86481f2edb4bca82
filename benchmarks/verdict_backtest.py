"""Verdicts and forecasts as they would have been given after each of a log's first months, against what came later.

    python benchmarks/verdict_backtest.py LOG [LOG ...] [--sample-rate 0.0004]

LOG: a file or folder of LiteLLM rows as JSON lines, over at least three months. For each cut the rows before it are
imported into a workspace of their own and analysed; nothing later is seen. Then, task by task: is what the following 30 days
cost inside the forecast's 80 % range, and does the verdict stand when the spend is what really came?
"""

import argparse
import gzip
import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from analytics.analyze import analyze
from analytics.api import brief, snapshot_folder, tasks
from analytics.contracts import Verdict
from analytics.ingest import import_files
from analytics.statistics import wilson
from analytics.store import open_store
from analytics.workspace import Workspace

FIRST_DAYS = (30, 60, 90)
AHEAD_DAYS = 30
ACT = (Verdict.DISTILL, Verdict.PILOT)
SPENT = """
select call_tasks.task_id, sum(calls.cost_usd::double * calls.weight) as usd
from calls inner join call_tasks on call_tasks.call_id = calls.call_id
where calls.requested_at >= $start and calls.requested_at < $stop
group by all
"""


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("logs", type=Path, nargs="+")
    given.add_argument("--sample-rate", type=float, default=0.0004)
    options = given.parse_args()
    inside, biases, kept, judged = 0, [], 0, 0
    turned: Counter[tuple[str, str]] = Counter()
    for log in options.logs:
        for found in backtest(log, options.sample_rate):
            print(found["line"])
            if found["inside"] is not None:
                inside += found["inside"]
                biases.append(found["bias"])
            kept, judged = kept + found["stands"], judged + 1
            turned[found["verdicts"]] += 1
    ranges = f"{inside} of {len(biases)} ({inside / max(1, len(biases)):.0%})"
    middle = sorted(map(abs, biases))[len(biases) // 2] if biases else float("nan")
    print(f"\nspend of the next {AHEAD_DAYS} days inside the 80 % range: {ranges}; median miss {middle:.1%}")
    print(f"verdicts that stand at the spend that came: {kept} of {judged} ({kept / max(1, judged):.0%})")
    print_yes_and_no(turned)


def print_yes_and_no(turned: Counter[tuple[str, str]]) -> None:
    """Both kinds of error: said to act (distil or pilot) where the spend that came says not to, and the reverse."""
    counts: Counter[tuple[bool, bool]] = Counter()
    for (told, came), count in turned.items():
        if Verdict.NOT_ENOUGH_DATA not in (told, came):
            counts[told in ACT, came in ACT] += count
    for name, truth in (("sensitivity (said to act, of those that should)", True), ("specificity", False)):
        right, all_ = counts[truth, truth], counts[True, truth] + counts[False, truth]
        between = wilson(right, all_)
        shown = f"{between.value:.0%} ({between.low:.0%} to {between.high:.0%}, 95 % Wilson)" if between else "no case"
        print(f"{name}: {right} of {all_}, {shown}")
    print("told -> by the spend that came:", {f"{told} -> {came}": count for (told, came), count in turned.items()})


def backtest(log: Path, sample_rate: float) -> Iterator[dict[str, Any]]:
    """One row a cut and task."""
    rows = sorted(read(log), key=lambda row: row[0])
    first, last = rows[0][0], rows[-1][0]
    with tempfile.TemporaryDirectory() as folder:
        whole = _workspace(Path(folder) / "whole", rows, sample_rate)
        for days in FIRST_DAYS:
            cut = first + timedelta(days=days)
            if cut + timedelta(days=AHEAD_DAYS) <= last:
                then = _workspace(Path(folder) / f"first{days}", [row for row in rows if row[0] < cut], sample_rate)
                yield from _compare(whole, then, cut, days)


def read(log: Path) -> Iterator[tuple[datetime, str]]:
    """(time, line) of every row that has a time."""
    files = sorted(path for path in log.rglob("*.jsonl*")) if log.is_dir() else [log]
    for file in files:
        with gzip.open(file, "rt") if file.suffix == ".gz" else file.open() as lines:
            for line in lines:
                found = json.loads(line).get("startTime")
                if found:
                    at = datetime.fromisoformat(str(found).replace("Z", "+00:00"))
                    yield at if at.tzinfo else at.replace(tzinfo=UTC), line


def _workspace(folder: Path, rows: Sequence[tuple[datetime, str]], sample_rate: float) -> Workspace:
    folder.mkdir()
    (folder / "log.jsonl").write_text("".join(line for _, line in rows))
    workspace = Workspace(folder / "home")
    import_files(workspace, [str(folder / "log.jsonl")], "litellm", sample_rate)
    analyze(workspace)
    return workspace


def _compare(whole: Workspace, then: Workspace, cut: datetime, days: int) -> Iterator[dict[str, Any]]:
    spent = _spent(whole, then, cut)
    for task_id, name in [(row.task_id, row.name) for row in tasks(then)]:
        came = spent.get(task_id)
        if came is None:
            continue
        page = brief(then, task_id)
        forecast = page.profile.forecast
        month = forecast.months[0]["usd"] if forecast and forecast.months else None
        later = brief(then, task_id, {"monthly_spend_usd": came / AHEAD_DAYS * 30.4})
        told = f"{month['p50']:>9,.0f} ({month['p10']:,.0f} to {month['p90']:,.0f})" if month else "no forecast"
        stands = later.verdict is page.verdict
        yield {
            "line": f"{days} days  {name[:28]:28}  came {came:>9,.0f}  told {told:34}  {page.verdict} -> {later.verdict}",
            "inside": None if month is None else month["p10"] <= came <= month["p90"],
            "bias": None if month is None else (month["p50"] - came) / came,
            "verdicts": (str(page.verdict), str(later.verdict)),
            "stands": stands or Verdict.NOT_ENOUGH_DATA in (page.verdict, later.verdict),
        }


def _spent(whole: Workspace, then: Workspace, cut: datetime) -> dict[str, float]:
    """USD of each task of the earlier analysis in the days after the cut: its calls are those of the later one."""
    stop = cut + timedelta(days=AHEAD_DAYS)
    with open_store(whole, snapshot_folder(whole)) as store:
        found = store.connection.execute(SPENT, {"start": cut, "stop": stop}).fetchall()
    return dict(found)


if __name__ == "__main__":
    main()
