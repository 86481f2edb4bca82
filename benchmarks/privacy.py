"""Recall and precision of redaction by kind, on both parts of the shipped test set, and what redaction adds to an import.

python benchmarks/privacy.py [--errors] [--logs FOLDER [--runs 5]]

Prints Markdown. ``--errors`` adds each value that was missed or wrongly taken. ``--logs`` imports FOLDER with and without
redaction in turn, each in a process of its own, and prints the medians.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import NamedTuple

from analytics.privacy.find import KINDS, find
from analytics.statistics import wilson

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("test_set", "held_out")


class Score(NamedTuple):
    """Of one kind."""

    positives: int
    found: int  # the whole value is covered by a span of its kind
    wrong: int  # spans of this kind on what is none, in all texts


def score(rows: list[dict]) -> tuple[dict[str, Score], list[str]]:
    """The scores by kind, and a line for each error."""
    totals: dict[str, Counter] = defaultdict(Counter)
    errors: list[str] = []
    for row in rows:
        spans = find(row["text"])
        inside = [s for s in spans if row["kind"] and s.start < row["end"] and row["start"] < s.end]
        covering = [s for s in inside if s.start <= row["start"] and row["end"] <= s.end]
        if row["kind"]:
            totals[row["kind"]]["positives"] += 1
            is_found = any(span.kind == row["kind"] for span in covering)
            totals[row["kind"]]["found"] += is_found
            if not is_found:
                errors.append(f"missed {row['kind']} ({row['form']}, {row['language']}): {row['text']!r} {spans}")
        for span in spans:
            # A list or a pair holds a second value of the same kind beside the marked one: that one is no error.
            if (span not in inside and not (row["kind"] == span.kind and row["form"].endswith("list"))) or (
                span in inside and span.kind != row["kind"]
            ):
                totals[span.kind]["wrong"] += 1
                errors.append(
                    f"wrong {span.kind} ({row['form']}, {row['language']}): {row['text'][span.start : span.end]!r} in {row['text']!r}"
                )
    return {kind: Score(*(totals[kind][name] for name in Score._fields)) for kind in KINDS}, errors


def share(part: int, whole: int) -> str:
    """A share with its 95 % interval."""
    if not whole:
        return "none"
    interval = wilson(part, whole)
    return f"{part / whole:.3f} ({interval.low:.3f} to {interval.high:.3f})"


def show(part: str, with_errors: bool) -> None:
    """One part of the set."""
    lines = (ROOT / "data" / "privacy" / f"{part}.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    scores, errors = score(rows)
    print(f"{part}: {len(rows)} texts, {sum(row['kind'] is None for row in rows)} of them without personal data\n")
    print("| kind | values | recall | wrongly taken | precision |\n|---|---|---|---|---|")
    for kind, s in scores.items():
        recall, precision = share(s.found, s.positives), share(s.found, s.found + s.wrong)
        print(f"| {kind} | {s.positives} | {recall} | {s.wrong} | {precision} |")
    print("\n".join(["", *errors, ""] if with_errors else [""]))


def import_once(logs: Path, option: str) -> tuple[float, float]:
    """Seconds that one import says it took, and those of processor time."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-m", "spiritsafe", "import", str(logs), option, "--json", "--home", home]
        done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return json.loads(done.stdout)["seconds"], after.ru_utime - before.ru_utime


def show_slowdown(logs: Path, runs: int) -> None:
    """Both ways in turn, so that what else the machine does hits both alike."""
    taken: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for _ in range(runs):
        for option in ("--redact", "--no-redact"):
            taken[option].append(import_once(logs, option))
    print("| | seconds, median (all) | processor seconds, median |\n|---|---|---|")
    for option, pairs in taken.items():
        walls, cpus = zip(*pairs, strict=True)
        print(
            f"| {option} | {statistics.median(walls):.2f} ({', '.join(f'{s:.2f}' for s in walls)}) | {statistics.median(cpus):.2f} |"
        )
    with_it, without = ([statistics.median(column) for column in zip(*taken[o], strict=True)] for o in taken)
    print(f"\nslower by {with_it[0] / without[0] - 1:.1%} (processor time {with_it[1] / without[1] - 1:.1%})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--errors", action="store_true")
    parser.add_argument("--logs", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    for part in PARTS:
        show(part, arguments.errors)
    if arguments.logs:
        show_slowdown(arguments.logs, arguments.runs)


if __name__ == "__main__":
    main()
