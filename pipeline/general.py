"""General text that no task gave: the shipped probes of what a base could do, and pairs to be mixed into training."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analytics.errors import DataMissing, InputError
from analytics.workspace import SHIPPED
from pipeline.artifacts import file_sha256, short_hash

FOLDER = SHIPPED / "probes"
PASSAGES, CHOICES, PAIRS = "passages.jsonl", "choices.jsonl", "general.jsonl"


@dataclass(frozen=True)
class Question:
    """One item of a multiple-choice set."""

    set: str  # arithmetic, grammar, facts
    question: str
    choices: tuple[str, ...]
    answer: int  # place of the right one


def passages() -> list[str]:
    """Short texts that show how surprised a model is by plain prose."""
    return [str(row["text"]) for row in _rows(FOLDER / PASSAGES)]


def questions() -> list[Question]:
    """Every item of every set."""
    return [
        Question(row["set"], row["question"], tuple(row["choices"]), row["answer"]) for row in _rows(FOLDER / CHOICES)
    ]


def probes_sha256() -> str:
    """Names the version of the probes, since figures of two versions must not be compared."""
    return short_hash([file_sha256(FOLDER / name) for name in (PASSAGES, CHOICES)])


def pairs(path: str | None = None) -> list[tuple[str, str]]:
    """Input and output of general examples: a person's JSONL, or the shipped ones. Raises InputError by row."""
    file = Path(path) if path else FOLDER / PAIRS
    found = []
    for number, row in enumerate(_rows(file), 1):
        if not (isinstance(row.get("input"), str) and isinstance(row.get("output"), str)):
            raise InputError(f"{file}, row {number}: input and output as text are needed")
        found.append((row["input"], row["output"]))
    if not found:
        raise DataMissing(f"{file} holds no rows")
    return found


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataMissing(f"{path} cannot be read: {error}") from error
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
        except ValueError as error:
            raise InputError(f"{path}, row {number} is no JSON: {error}") from error
        if not isinstance(row, dict):
            raise InputError(f"{path}, row {number} is no JSON object")
        yield row
