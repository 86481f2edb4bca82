"""Recall and precision of redaction on the shipped test set, by kind, as Markdown; then what was missed.

python benchmarks/privacy.py [--errors]
"""

import argparse
import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import NamedTuple

from analytics.privacy.find import KINDS, find

import sys; SET = Path(sys.argv.pop(1)) if len(sys.argv)>1 and sys.argv[1].endswith("jsonl") else Path(__file__).resolve().parent.parent / "data" / "privacy" / "test_set.jsonl"


class Score(NamedTuple):
    """Of one kind."""

    positives: int
    found: int  # the whole value is covered by a span of its kind
    hidden: int  # the whole value is covered by a span of any kind
    wrong: int  # spans of this kind on what is none, in all texts

    @property
    def recall(self) -> float:
        return self.found / self.positives

    @property
    def precision(self) -> float:
        return self.found / (self.found + self.wrong)


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
            totals[row["kind"]]["hidden"] += bool(covering)
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--errors", action="store_true")
    arguments = parser.parse_args()
    rows = [json.loads(line) for line in SET.read_text(encoding="utf-8").splitlines()]
    scores, errors = score(rows)
    print("| kind | positives | recall | hidden by any kind | wrong | precision |\n|---|---|---|---|---|---|")
    for kind, s in scores.items():
        print(
            f"| {kind} | {s.positives} | {s.recall:.3f} | {s.hidden / s.positives:.3f} | {s.wrong} | {s.precision:.3f} |"
        )
    print(f"\n{sum(row['kind'] is None for row in rows)} negatives")
    if arguments.errors:
        print("\n".join(errors))


if __name__ == "__main__":
    main()
