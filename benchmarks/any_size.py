"""How the work of an analysis grows, beside one hand-written query, pandas and polars over the same Parquet.

    python benchmarks/any_size.py LOG [LOG ...] [--more LOG] [--scratch DIR]

Each LOG is a folder that ``import`` reads, for example of 1 and of 10 million rows. Everything runs once, each in a
process of its own, in this order: import, analyze, analyze again, the yardsticks, then ``--more`` (about 1 % more rows)
imported and analysed. Prints seconds, peak memory and ratios as a table. The yardsticks compute the sums of
``any_size.sql``: volume, spend, tokens, quantiles and distinct requests and answers of each prompt; they find no tasks,
measure no narrowness, judge nothing and keep nothing.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
MEMORY_LIMIT = "1200MB"  # what the analysis allows itself; the query is timed with it and without


class Timing(NamedTuple):
    """One process."""

    what: str
    seconds: float
    peak_mb: float
    said: str


def timed(what: str, command: list[str]) -> Timing:
    """Run a process; a failure is shown, for a yardstick may run out of memory."""
    report = Path(tempfile.mkstemp(prefix="any-size-")[1])
    started = time.monotonic()
    done = subprocess.run(
        ["/usr/bin/time", "-f", "%M", "-o", str(report), *command], capture_output=True, text=True, cwd=ROOT
    )
    seconds = time.monotonic() - started
    peak = float(re.findall(r"\d+", report.read_text())[-1]) / 1024
    said = done.stdout.strip() if done.returncode == 0 else f"failed: {done.stderr.strip()[-200:]}"
    print(
        f"  {what}: {seconds:.1f} s, {peak:,.0f} MB  {said[:100] if said.startswith('failed') else ''}",
        file=sys.stderr,
        flush=True,
    )
    return Timing(what, seconds, peak, said)


def spiritsafe(what: str, home: Path, *arguments: str) -> Timing:
    return timed(what, [sys.executable, "spiritsafe.py", *arguments, "--json", "--home", str(home)])


def yardstick(what: str, home: Path, name: str) -> Timing:
    return timed(what, [sys.executable, str(HERE / "yardsticks.py"), name, str(home)])


def measure(log: Path, scratch: Path, more: Path | None) -> None:
    home = scratch / f"home-{log.name}"
    imported = spiritsafe("import", home, "import", str(log))
    rows = json.loads(imported.said)["calls"]
    found = [
        imported,
        spiritsafe("analyze", home, "analyze"),
        spiritsafe("analyze again, nothing new", home, "analyze"),
        yardstick("one DuckDB query", home, "duckdb"),
        yardstick(f"one DuckDB query in {MEMORY_LIMIT}", home, "duckdb-limited"),
        yardstick("polars", home, "polars"),
        yardstick("pandas", home, "pandas"),
    ]
    if more:
        spiritsafe("import of 1 % more", home, "import", str(more))
        found.append(spiritsafe("analyze with 1 % more", home, "analyze"))
    full = found[1].seconds
    print(
        f"\n{rows:,} calls, {os.cpu_count()} cores\n\n| what | s | us a call | peak MB | analyze / this |\n|---|---:|---:|---:|---:|"
    )
    for one in found:
        failed = one.said.startswith("failed")
        shown = (
            ("failed", "", f"{one.peak_mb:,.0f}", "")
            if failed
            else (
                f"{one.seconds:.1f}",
                f"{one.seconds / rows * 1e6:.1f}",
                f"{one.peak_mb:,.0f}",
                f"{full / one.seconds:.2f}",
            )
        )
        print(f"| {one.what} | {' | '.join(shown)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("logs", nargs="+", type=Path)
    parser.add_argument("--more", type=Path, help="about 1 %% of the last log's rows")
    parser.add_argument("--scratch", type=Path, default=None)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.scratch) as scratch:
        for log in arguments.logs:
            measure(log, Path(scratch), arguments.more if log == arguments.logs[-1] else None)


if __name__ == "__main__":
    main()
