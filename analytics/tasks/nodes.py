"""Nodes of the ladder, and the joins between them."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class Node:
    """One way in which calls were recognised, before evidence joins some of them."""

    key: str
    found_by: str  # key, template, user-template, meaning, operation
    text: str  # wording to name it by
    first_at: datetime
    calls: int = 0
    last_at: datetime | None = None
    key_hash: str | None = None
    samples: list[str] = field(default_factory=list)


class Joins:
    """Disjoint sets of node keys."""

    def __init__(self) -> None:
        self.parent: dict[str, str] = {}

    def find(self, key: str) -> str:
        """The representative of a node's set."""
        while self.parent.setdefault(key, key) != key:
            self.parent[key] = self.parent[self.parent[key]]
            key = self.parent[key]
        return key

    def join(self, one: str, other: str) -> None:
        """Both belong to one task."""
        self.parent[self.find(one)] = self.find(other)
