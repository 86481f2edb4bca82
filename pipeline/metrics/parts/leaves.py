"""A JSON answer as its leaves: where each value stands, of which type it is, and what it is."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from analytics.labels import repair_answer

MAX_DEPTH = 60  # deeper than any answer that a person wants


class Leaf(NamedTuple):
    """One value. ``1`` and ``"1"`` differ by type; ``1`` and ``1.0`` are one number."""

    path: str  # keys joined by dots, [] for the members of an array
    type: str  # string, number, boolean, null; object or array for an empty one
    value: str


def parse(answer: str) -> object | None:
    """The object or array that an answer is, code fence or not; None for anything else."""
    text = repair_answer(answer) if answer.lstrip()[:3] == "```" else answer.strip()
    if text[:1] not in ("{", "["):
        return None
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found


def leaves(value: object, path: str = "$", depth: int = 0) -> Iterator[Leaf]:
    """Every leaf. Members of an array share a path: their order does not count."""
    if isinstance(value, dict) and value and depth < MAX_DEPTH:
        for key, member in value.items():
            yield from leaves(member, f"{path}.{key}", depth + 1)
    elif isinstance(value, list) and value and depth < MAX_DEPTH:
        for member in value:
            yield from leaves(member, f"{path}[]", depth + 1)
    else:
        yield Leaf(path, type_of(value), _text(value))


def leaf_counts(answer: str) -> Counter[Leaf] | None:
    """The leaves of an answer with how often each comes; None where it is no JSON object or array."""
    found = parse(answer)
    return None if found is None else Counter(leaves(found))


def type_of(value: object) -> str:
    """The JSON type."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "string"
    return "object" if isinstance(value, dict) else "array" if isinstance(value, list) else "null"


def _text(value: object) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        value = int(value)
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
