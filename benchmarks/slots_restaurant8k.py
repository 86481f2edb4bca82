"""How good and how fast is a student at slots as JSON, on restaurant8k's own split? Prints one JSON document.

    python -m benchmarks.slots_restaurant8k --data FOLDER [--student causal] [--epochs N] [--test-rows N]

FOLDER holds ``train.parquet`` and ``test.parquet`` with the columns text, requested_slots and gold_json. The test split is
answered once, after training, and only scored. Slot F1 counts a slot as right when its value is the same text; the
interval resamples test rows. Run it on an idle machine: every time in it is wall time.
"""

import argparse
import json
import os
import platform
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from pipeline.answer_kind import plain_forms
from pipeline.contracts import Training
from pipeline.students import Lessons, Setup, kind
from pipeline.students.parts.steady import steady_sums

SEED = 20261124
TUNE_ROWS = 600  # learn when to trust
DRAWS = 2_000


@dataclass(frozen=True)
class Pairs:
    """What goes in, and the JSON that shall come out."""

    inputs: list[str]
    wanted: list[str]


def read(file: Path) -> Pairs:
    """The utterance and what the clerk had asked for, as a prompt would carry both."""
    table = pq.read_table(file).to_pydict()
    asked = [json.loads(some) if some else [] for some in table["requested_slots"]]
    inputs = [
        f"{text}\nasked: {', '.join(some)}" if some else str(text)
        for text, some in zip(table["text"], asked, strict=True)
    ]
    return Pairs(inputs, plain_forms([str(one) for one in table["gold_json"]], "json", ()))


def tally(said: str, wanted: str) -> tuple[int, int, int, int]:
    """Slots right, slots said, slots wanted, and whether the answer was an object."""
    try:
        found = json.loads(said)
    except ValueError:
        found = None
    gold = json.loads(wanted)
    is_object = isinstance(found, dict)
    slots = found if is_object else {}
    right = sum(slots.get(name) == value for name, value in gold.items())
    return right, len(slots), len(gold), int(is_object)


def f1(counts: "np.ndarray") -> float:
    """Micro-averaged over slots; ``counts``: rows of `tally`."""
    right, said, wanted = counts[:, :3].sum(axis=0)
    return float(2 * right / (said + wanted))


def interval(counts: "np.ndarray") -> tuple[float, float]:
    """Percentile bootstrap over rows, 95 %."""
    dice = np.random.default_rng(SEED)
    drawn = [f1(counts[dice.integers(0, len(counts), len(counts))]) for _ in range(DRAWS)]
    return float(np.quantile(drawn, 0.025)), float(np.quantile(drawn, 0.975))


def measure(chosen: argparse.Namespace) -> dict[str, object]:
    """Train on the training split, answer the test split."""
    train, test = read(chosen.data / "train.parquet"), read(chosen.data / "test.parquet")
    order = np.random.default_rng(SEED).permutation(len(train.inputs)).tolist()
    lessons = Lessons(train.inputs, train.wanted, [True] * len(order))
    setup = Setup(SEED, answer_kind="json", training=Training(epochs=chosen.epochs, learning_rate=chosen.rate))
    began = time.perf_counter()
    student = kind(chosen.student).fit(lessons.take(order[TUNE_ROWS:]), lessons.take(order[:TUNE_ROWS]), setup)
    train_s = time.perf_counter() - began
    rows = chosen.test_rows or len(test.inputs)
    began = time.perf_counter()
    with steady_sums():
        answers = student.answer(test.inputs[:rows])
    answer_s = time.perf_counter() - began
    counts = np.array([tally(one.output, gold) for one, gold in zip(answers, test.wanted, strict=False)])
    low, high = interval(counts)
    return {
        "student": chosen.student, "slot_f1": f1(counts), "slot_f1_low_95": low, "slot_f1_high_95": high,
        "share_valid": float(counts[:, 3].mean()), "share_all_right": float((counts[:, 0] == counts[:, 1:3].max(1)).mean()),
        "test_rows": rows, "train_seconds": train_s, "answers_per_s": rows / answer_s,
        "load_average": os.getloadavg()[0], "cores": os.cpu_count(), "machine": platform.processor(),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--student", default="causal")
    parser.add_argument("--epochs", type=float)
    parser.add_argument("--rate", type=float)
    parser.add_argument("--test-rows", type=int)
    json.dump(measure(parser.parse_args()), sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
