"""What do the filters save when a log is damaged? Trains ``head`` on damaged logs with and without them.

    python -m benchmarks.dirty_logs --data FOLDER --task clinc150 --seeds 3

FOLDER holds ``banking77`` and ``clinc150``. clinc150 (tested on its validation split) is what the filters were
developed on; banking77, on its own test split, judges. A log has times: the damaged part, then 600 calls as they come
now, whose inputs (never answers) the filters may see. Every arm fits the head on the same calls, directly and not
through a run; the filtered arm runs the filter stage first. The teacher row buys labels for its filtered arm alone. Prints one JSON line a trial.
"""

import argparse
import json
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.contracts import PlanSpec, StageInputs
from pipeline.examples import EXAMPLES, ROWS, read_table, texts
from pipeline.stages import filter as filter_stage
from pipeline.students import Lessons, Setup, kind
from pipeline.students.parts.steady import steady_sums

RECENT = 600  # newest calls: their inputs are known when a student is made
START = datetime(2026, 1, 1, tzinfo=UTC)
OWN_ROWS = 3_000  # of the task itself beside four times as many of another one
TEACHER_SHARE = 0.5  # of the unlabelled inputs that the simulated teacher may be asked
COLUMNS = {"banking77": ("category", "test"), "clinc150": ("intent", "val")}
DAMAGES = (
    "wrong answers 50 %",
    "schema drift",
    "five examples a class",
    "five examples, with teacher",
    "80 % other task",
)


@dataclass(frozen=True)
class Log:
    """Inputs with answers, oldest first."""

    inputs: list[str]
    answers: list[str]

    def take(self, places: "np.ndarray | list[int]") -> "Log":
        return Log([self.inputs[place] for place in places], [self.answers[place] for place in places])

    def __add__(self, other: "Log") -> "Log":
        return Log(self.inputs + other.inputs, self.answers + other.answers)


def main() -> None:
    """Every damage, every seed, three arms."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--task", choices=sorted(COLUMNS), default="clinc150")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--damages", nargs="*", default=list(DAMAGES))
    chosen = parser.parse_args()
    other_task = next(name for name in COLUMNS if name != chosen.task)
    train, test = read(chosen.data, chosen.task, "train"), read(chosen.data, chosen.task, COLUMNS[chosen.task][1])
    other = read(chosen.data, other_task, "train")
    for seed in range(chosen.seeds):
        clean: dict[int, float] = {}  # by rows: the same log before each damage
        for damage in chosen.damages:
            sys.stdout.write(json.dumps(trial(damage, train, other, test, seed, clean)) + "\n")
            sys.stdout.flush()


def read(folder: Path, task: str, split: str) -> Log:
    """One split of a public set; its label stands for a perfect teacher's answer."""
    rows = pq.read_table(folder / task / f"{split}.parquet").to_pydict()
    return Log(rows["text"], rows[COLUMNS[task][0]])


def trial(damage: str, train: Log, other: Log, test: Log, seed: int, clean: dict[int, float]) -> dict[str, object]:
    """Accuracy on the clean test of the student from the clean log, the damaged one, and the filtered one."""
    random = np.random.default_rng(seed)
    shuffled = train.take(random.permutation(len(train.inputs)))
    recent, past = shuffled.take(range(RECENT)), shuffled.take(range(RECENT, len(shuffled.inputs)))
    if damage == "80 % other task":
        past = past.take(range(OWN_ROWS))
    raw, repaired = spoil(damage, past, other, random)
    found, detail = filtered(repaired, recent, seed)
    if len(past.inputs) not in clean:
        clean[len(past.inputs)] = accuracy(past, test, seed)
    return {
        "seed": seed, "damage": damage, "clean": clean[len(past.inputs)], "unfiltered": accuracy(raw, test, seed),
        "filtered": accuracy(found, test, seed), "rows": len(past.inputs), "damaged_rows": len(raw.inputs),
        "kept_rows": len(found.inputs), **detail,
    }  # fmt: skip


def spoil(damage: str, past: Log, other: Log, random: np.random.Generator) -> tuple[Log, Log]:
    """The damaged log as it is trained on raw, and what the filtered pipeline is given."""
    if damage == "wrong answers 50 %":
        log = wrong(past, 0.5, random)
    elif damage == "schema drift":
        log = renamed(past, 0.6)
    elif damage == "80 % other task":
        chosen = random.permutation(len(other.inputs))[: 4 * len(past.inputs)]
        mixed = past + other.take(chosen)
        log = mixed.take(random.permutation(len(mixed.inputs)))
    else:
        log, rest = few(past, 5)
        if "teacher" in damage:
            return log, log + rest.take(range(int(TEACHER_SHARE * len(rest.inputs))))
    return log, log


def wrong(log: Log, share: float, random: np.random.Generator) -> Log:
    """That share of answers, drawn at random, replaced by another label, all equally likely."""
    labels = sorted(set(log.answers))
    place = {label: number for number, label in enumerate(labels)}
    moved = np.where(random.random(len(log.answers)) < share, random.integers(1, len(labels), len(log.answers)), 0)
    return Log(
        log.inputs,
        [labels[(place[answer] + step) % len(labels)] for answer, step in zip(log.answers, moved, strict=True)],
    )


def renamed(log: Log, share: float) -> Log:
    """The oldest part of the log gives every label under an older name that has nothing in common with today's."""
    names = {label: f"v1-{number:03d}" for number, label in enumerate(sorted(set(log.answers), key=hash_free))}
    until = int(share * len(log.inputs))
    return Log(log.inputs, [names[answer] if place < until else answer for place, answer in enumerate(log.answers)])


def hash_free(label: str) -> str:
    """An order that says nothing of the label's own."""
    return label[::-1]


def few(log: Log, each: int) -> tuple[Log, Log]:
    """The first ``each`` calls of every label, and the other calls, whose answers nobody logged."""
    seen: dict[str, int] = defaultdict(int)
    kept, rest = [], []
    for place, answer in enumerate(log.answers):
        seen[answer] += 1
        (kept if seen[answer] <= each else rest).append(place)
    return log.take(kept), log.take(rest)


def filtered(log: Log, recent: Log, seed: int) -> tuple[Log, dict[str, object]]:
    """What the filter stage lets train, and its funnel."""
    rows = log + recent
    share = RECENT / len(rows.inputs)
    spec = PlanSpec("task", "dirty log", "v1", seed=seed, test_share=share / 3, calibrate_share=2 * share / 3)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "teach").mkdir()
        (folder / "filter").mkdir()
        pq.write_table(table(rows), folder / "teach" / "examples.parquet")
        inputs = StageInputs(folder, "run", {"teach": folder / "teach"})
        result = filter_stage.run(spec, inputs, folder / "filter")
        worked = read_table(folder / "filter" / "rows.parquet", ROWS)
    keep = [
        place
        for place, (period, reason) in enumerate(
            zip(texts(worked, "period"), worked["drop_reason"].to_pylist(), strict=True)
        )
        if period in ("train", "tune") and reason is None
    ]
    return Log(texts(worked, "input_text"), texts(worked, "label")).take(keep), {
        "dropped": result.detail["dropped"],
        "renamed": len(result.detail["renamed"]),
    }


def table(log: Log) -> pa.Table:
    """One call a minute."""
    rows = [
        {
            "call_id": f"call-{place:06d}", "requested_at": START + timedelta(minutes=place), "input_text": text,
            "output_text": answer, "status": "success", "is_truncated": False, "is_retry": False, "role": "log",
            "weight": 1.0,
        }
        for place, (text, answer) in enumerate(zip(log.inputs, log.answers, strict=True))
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=EXAMPLES)


def accuracy(log: Log, test: Log, seed: int) -> float:
    """Share of right answers of a student taught with this log, its newest tenth tuning the confidence."""
    cut = len(log.inputs) - max(40, len(log.inputs) // 10)
    parts = [log.take(range(cut)), log.take(range(cut, len(log.inputs)))]
    train, tune = (Lessons(part.inputs, part.answers, [True] * len(part.inputs)) for part in parts)
    with steady_sums():
        student = kind("head").fit(train, tune, Setup(seed, "static"))
    said = [answer.output for answer in student.answer(test.inputs)]
    return float(np.mean([one == other for one, other in zip(said, test.answers, strict=True)]))


if __name__ == "__main__":
    main()
