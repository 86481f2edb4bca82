"""A small made-up support desk: inputs that a person could type, a teacher that is nearly always right.

Enough structure to learn from (topics, wordings, repeats, slips) and none of the weight of a data set.
"""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.contracts import PlanSpec, StageInputs
from pipeline.examples import EXAMPLES

TOPICS = {
    "refund": ["refund", "money back", "reimbursement", "return payment"],
    "delivery": ["parcel", "delivery", "shipment", "package"],
    "password": ["password", "login", "sign in", "locked account"],
    "invoice": ["invoice", "bill", "receipt", "tax document"],
    "cancel": ["cancel subscription", "end my contract", "stop renewal", "terminate plan"],
    "address": ["new address", "moved house", "change street", "postal code"],
}
OPENINGS = [
    "where is my",
    "i have a question about",
    "problem with the",
    "please help me with",
    "what about the",
    "need",
]
DETAILS = [
    "from monday",
    "in the app",
    "for order blue",
    "since yesterday",
    "again",
    "on my phone",
    "from berlin",
    "now",
]
TAILS = ["please", "", "thanks", "it is urgent", "asap", "today"]
START = datetime(2026, 1, 5, tzinfo=UTC)


def sentence(random_: random.Random, topic: str) -> str:
    """One input of a topic."""
    parts = [random_.choice(OPENINGS), random_.choice(TOPICS[topic]), random_.choice(DETAILS), random_.choice(DETAILS)]
    return " ".join([*parts, random_.choice(TAILS)]).strip()


def examples(rows: int = 900, seed: int = 1, **changes: object) -> pa.Table:
    """A log of ``rows`` calls over twelve weeks; about a third repeat an earlier input."""
    random_ = random.Random(seed)
    earlier: list[tuple[str, str]] = []
    found = []
    for number in range(rows):
        if earlier and random_.random() < 0.35:
            text, topic = random_.choice(earlier)
        else:
            topic = random_.choice(sorted(TOPICS))
            text = sentence(random_, topic)
            earlier.append((text, topic))
        found.append(row(number, rows, text, topic) | changes)
    return pa.Table.from_pylist(found, schema=EXAMPLES)


def row(number: int, rows: int, text: str, answer: str) -> dict[str, object]:
    """One successful call."""
    return {
        "call_id": f"call-{number:06d}",
        "requested_at": START + timedelta(weeks=12) * number / rows,
        "input_text": text,
        "output_text": answer,
        "gold": answer,
        "status": "success",
        "is_truncated": False,
        "is_retry": False,
        "finish_reason": "stop",
        "latency_ms": 700.0,
        "weight": 1.0,
        "role": "log",
    }


def spec(**changes: object) -> PlanSpec:
    """A plan for this desk."""
    values: dict[str, object] = {"task_id": "desk", "task_name": "support desk", "data_version": "v1"}
    return PlanSpec(**(values | changes))


def run_stages(folder: Path, table: pa.Table, plan: PlanSpec, *names: str, previous: Path | None = None) -> StageInputs:
    """Run these stages on a table, each in its own folder; returns where everything lies."""
    import importlib

    folders = {"teach": folder / "teach"}
    folders["teach"].mkdir(parents=True)
    pq.write_table(table, folders["teach"] / "examples.parquet")
    if previous is not None:
        folders["previous"] = previous
    for name in names:
        out = folder / name
        out.mkdir()
        module = importlib.import_module(f"pipeline.stages.{name}")
        module.run(plan, StageInputs(folder, "run", dict(folders)), out)
        folders[name] = out
    return StageInputs(folder, "run", folders)


ALL = ("filter", "split", "train", "evaluate", "calibrate")
