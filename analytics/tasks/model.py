"""What discovery learned about a log, kept so that any part of the log can be assigned without the rest.

Discovery has three steps, and each can run alone:

(a) ``learn.learn(evidence, previous, edits) -> TaskModel``: pure. ``evidence.gather(store)`` reads what a store shows
    (all calls, or one segment); ``evidence.merge(parts)`` puts the evidence of several segments together.
(b) ``assign.Assigner(model)`` gives each call its node from the model alone: ``prompts`` by the prompt, ``texts`` by
    the user's text (20,000 a second and core), ``blind`` by the record of a call without text.
    ``assign.assign_calls(store, model)`` runs all three over what a store shows and returns call_id, node_id.
(c) ``portfolio.portfolio(model, edits, usage) -> Portfolio``: the tasks, and which one each node belongs to. Joins and
    people's merges act here, so neither reads a call again.

A node is one way in which calls were recognised: a tag, a wording, a meaning. Its id is the hash of what it is
recognised by, so it is the same in every run. A task is the nodes that hang together.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from analytics.tasks.blind import BlindCells
from analytics.tasks.words import WordClassifier

FORMAT = 1  # of the folder that save() writes; another one is not read
LOOP_SHARE = 0.3  # of a task's sampled conversations that are steps of a loop with tools


@dataclass
class Node:
    """One way in which calls were recognised, before evidence joins some of them."""

    key: str  # what it is recognised by
    found_by: str  # key, template, user-template, meaning, operation
    text: str  # wording to name it by
    first_at: datetime
    last_at: datetime
    calls: int = 0  # of the evidence; exact for prompts, of the sample for texts
    key_calls: dict[str, int] = field(default_factory=dict)  # calls by API key
    model_calls: dict[str, int] = field(default_factory=dict)  # calls by model
    samples: list[str] = field(default_factory=list)  # a few inputs, to name and to show
    loop_share: float = 0.0  # of its sampled conversations, loops with tools
    task_id: str | None = None  # the task it was in when last learned: keeps ids stable

    @property
    def node_id(self) -> str:
        """The same for the same key, in every run."""
        return node_id(self.key)


@dataclass(frozen=True)
class KnownWording:
    """A wording, where it counts, and the node it stands for."""

    scope: str  # of user texts, or the frame (schema and tools) of system prompts
    first: tuple[str, ...]
    last: tuple[str, ...]
    node_id: str


@dataclass
class TaskModel:
    """Everything step (b) needs, and the joins of step (c). ``learn`` builds it; others only read it."""

    nodes: dict[str, Node] = field(default_factory=dict)
    prompts: dict[int, str] = field(
        default_factory=dict
    )  # prompt_key -> node; only those a node id does not follow from
    deciding: list[str] = field(default_factory=list)  # nodes of system prompts whose user text decides
    system_wordings: list[KnownWording] = field(default_factory=list)
    user_wordings: list[KnownWording] = field(default_factory=list)
    frames: dict[str, list[str]] = field(default_factory=dict)  # scope and key -> nodes of its free-form texts
    classifier: WordClassifier = field(default_factory=WordClassifier)
    blind: BlindCells = field(default_factory=BlindCells)
    joins: list[tuple[str, str]] = field(default_factory=list)  # pairs of nodes that are one task
    splits: dict[str, str] = field(default_factory=dict)  # node -> "model" or "key": people asked for it
    seen_until: str = ""  # newest call that it was learned from, ISO
    version: str = ""  # changes only if step (b) could answer otherwise for a call that it has seen

    def save(self, folder: Path) -> None:
        """Write JSON and npz files; the caller renames the folder into place."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / "model.json").write_text(json.dumps(self._plain(), ensure_ascii=False, default=str))
        np.savez_compressed(folder / "words.npz", **self.classifier.arrays())  # type: ignore[arg-type]
        np.savez_compressed(folder / "blind.npz", **self.blind.classifier.arrays())  # type: ignore[arg-type]

    @classmethod
    def load(cls, folder: Path) -> "TaskModel | None":
        """What ``save`` wrote; None where there is nothing, or another format."""
        file = folder / "model.json"
        content: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
        if content.pop("format", None) != FORMAT:
            return None
        blind = BlindCells(_classifier(folder / "blind.npz"), frozenset(content.pop("seen")))
        return _from_plain(content, _classifier(folder / "words.npz"), blind)

    def _plain(self) -> dict[str, Any]:
        rest = {
            name: getattr(self, name) for name in ("deciding", "frames", "joins", "splits", "seen_until", "version")
        }
        return {
            "format": FORMAT,
            "nodes": [asdict(node) for node in self.nodes.values()],
            "prompts": [[str(key), node] for key, node in self.prompts.items()],
            "system_wordings": [asdict(one) for one in self.system_wordings],
            "user_wordings": [asdict(one) for one in self.user_wordings],
            "seen": sorted(self.blind.seen),
            **rest,
        }


def _from_plain(content: dict[str, Any], words: WordClassifier, blind: BlindCells) -> TaskModel:
    nodes = [_node(one) for one in content.pop("nodes")]
    return TaskModel(
        nodes={node.node_id: node for node in nodes},
        prompts={int(key): node for key, node in content.pop("prompts")},
        system_wordings=[_wording(one) for one in content.pop("system_wordings")],
        user_wordings=[_wording(one) for one in content.pop("user_wordings")],
        joins=[(one, other) for one, other in content.pop("joins")],
        classifier=words,
        blind=blind,
        **content,
    )


def _node(one: Mapping[str, Any]) -> Node:
    times = {name: datetime.fromisoformat(one[name]) for name in ("first_at", "last_at")}
    return Node(**{**one, **times})


def _wording(one: Mapping[str, Any]) -> KnownWording:
    return KnownWording(one["scope"], tuple(one["first"]), tuple(one["last"]), one["node_id"])


def _classifier(file: Path) -> WordClassifier:
    with np.load(file, allow_pickle=False) as arrays:
        return WordClassifier.from_arrays(dict(arrays))


def node_id(key: str) -> str:
    """The id of the node that is recognised by ``key``."""
    return "n-" + hashlib.blake2b(key.encode(), digest_size=8).hexdigest()
