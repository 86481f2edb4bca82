"""Whether tasks must be learned again, or the model of the last analysis still serves what came since.

Learning reads the evidence of the whole log, bounded but not small. While a log has grown by no more than a fiftieth
and every new prompt is one that the model knows, it would find what it found, so it is spared.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from analytics.counting import evidence_key, fill_evidence, merged_evidence
from analytics.engine import Engine
from analytics.partials import Kept
from analytics.shards import Shard
from analytics.tasks.assign import blind_node_id
from analytics.tasks.edits import Edit
from analytics.tasks.learn import learn
from analytics.tasks.model import TaskModel
from analytics.tasks.prompts import PromptLookup, reads, scope_of

GROWTH = 0.02  # of the rows that a model was learned from; beyond it tasks are learned again
FILE = "learned.json"


class Learned(NamedTuple):
    """A model, and the shards it was learned from."""

    model: TaskModel
    rows: dict[str, int]  # key of the evidence: rows of the shard
    edits: str  # hash of what people had decided


def learn_tasks(
    kept: Kept,
    engine: Engine,
    shards: Sequence[Shard],
    earlier: Path | None,
    edits: Sequence[Edit],
    *,
    anew: bool = False,
) -> Learned:
    """The model for these shards: that of the analysis in ``earlier`` where it serves, else one learned anew."""
    fill_evidence(kept, engine, shards)
    rows = {evidence_key(shard): shard.rows for shard in shards}
    before = _read(earlier)
    decided = _hash(edits)
    if not anew and before is not None and before.edits == decided and _serves(before, rows, kept):
        return before
    model = learn(merged_evidence(kept, shards), before.model if before else None, edits)
    return Learned(model, rows, decided)


def keep_learned(folder: Path, learned: Learned) -> None:
    """Write a model and what it was learned from."""
    learned.model.save(folder / "task_model")
    (folder / FILE).write_text(json.dumps({"rows": learned.rows, "edits": learned.edits}))


def _read(folder: Path | None) -> Learned | None:
    model = TaskModel.load(folder / "task_model") if folder else None
    if folder is None or model is None or not (folder / FILE).exists():
        return None
    return Learned(model, **json.loads((folder / FILE).read_text()))


def _serves(before: Learned, rows: Mapping[str, int], kept: Kept) -> bool:
    new = {key: count for key, count in rows.items() if key not in before.rows}
    if sum(new.values()) > GROWTH * sum(before.rows.values()):
        return False
    return all(_knows(before.model, kept, key) for key in new)


def _knows(model: TaskModel, kept: Kept, key: str) -> bool:
    """Does the model know every prompt of a shard, the scope of every text without one, and who calls without text?"""
    lookup = PromptLookup(model)
    scopes = {known.scope for known in model.user_wordings} | {frame.rsplit("|", 1)[0] for frame in model.frames}
    for row in kept.read(key, "prompts").to_pylist():
        kind = reads(row)
        if kind == "prompt" and lookup.find(row) is None:
            return False
        if kind == "text" and scope_of(row) not in scopes:
            return False
    silent = kept.read(key, "blind").to_pylist()
    return all(blind_node_id(row["operation"], row["key_hash"]) in model.nodes for row in silent)


def _hash(edits: Sequence[Edit]) -> str:
    return hashlib.sha256(repr(list(edits)).encode()).hexdigest()[:16]
