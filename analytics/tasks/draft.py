"""A model in the making: nodes, the sampled rows of each, and joins between them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from analytics.tasks.model import Node, TaskModel, node_id
from analytics.tasks.traffic import Profile, profile_of

Row = Mapping[str, Any]
MOST_SAMPLES = 400


class Joins:
    """Disjoint sets of node ids."""

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self.parent: dict[str, str] = {}
        self.pairs: list[tuple[str, str]] = []
        for one, other in pairs:
            self.join(one, other)

    def find(self, node: str) -> str:
        """The representative of a node's set."""
        while self.parent.setdefault(node, node) != node:
            self.parent[node] = self.parent[self.parent[node]]
            node = self.parent[node]
        return node

    def join(self, one: str, other: str) -> None:
        """Both belong to one task."""
        if self.find(one) != self.find(other):
            self.parent[self.find(one)] = self.find(other)
            self.pairs.append((one, other))


@dataclass
class Draft:
    """What ``learn`` works on. Nodes of an earlier model keep their key, their task and their joins."""

    model: TaskModel
    joins: Joins = field(default_factory=Joins)
    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))  # sampled rows by node
    profiles: dict[str, Profile] = field(default_factory=dict)

    def node(self, key: str, found_by: str, text: str, row: Row) -> Node:
        """The node of a key, made when it is new, with the calls of one row of evidence added."""
        node = self.model.nodes.get(node_id(key))
        if node is None:
            node = Node(key, found_by, text, row["first_at"], row["last_at"])
            self.model.nodes[node.node_id] = node
        node.calls += row["calls"]
        node.first_at, node.last_at = min(node.first_at, row["first_at"]), max(node.last_at, row["last_at"])
        return node

    def profile(self, node: str) -> Profile:
        """Traffic of a node's sampled calls."""
        if node not in self.profiles:
            self.profiles[node] = profile_of(self.rows[node])
        return self.profiles[node]

    def keep_samples(self) -> None:
        """What a name, a version or a person wants to see of each node."""
        for name, rows in self.rows.items():
            node = self.model.nodes[name]
            node.samples = (
                [str(row["opening_head"])[:300] for row in rows[:MOST_SAMPLES]] if node.found_by == "meaning" else []
            )
            node.key_calls = _counts(rows, "key_hash")
            node.model_calls = _counts(rows, "model")
            loops = sum(1 for row in rows if row["calls_tool"] and (row["turns"] or 0) > 2)
            node.loop_share = loops / len(rows) if rows else 0.0

    def key_of(self, node: str) -> str:
        """Who called most."""
        counts = _counts(self.rows[node], "key_hash")
        return max(counts, key=lambda key: (counts[key], key)) if counts else ""


def _counts(rows: Iterable[Row], column: str) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for row in rows:
        counts[row[column]] += row["calls"]
    return dict(counts)
