"""A student in a form that other programs read. One module a format; it is found by being here.

A format is a module with ``KINDS`` (the kinds it can write; empty: whatever says so itself) and ``write``.
"""

import importlib
import pkgutil
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from analytics.errors import InputError, UnknownName
from analytics.workspace import Workspace
from pipeline.artifacts import file_hashes
from pipeline.loaded import Loaded, open_student


@dataclass(frozen=True)
class Wish:
    """What a person asked for beside the format."""

    precision: str = "f16"  # f32, f16; of formats that have a choice
    quantisation: str | None = None  # as llama-quantize names it, such as Q4_K_M


@dataclass(frozen=True)
class Exported:
    """What was written."""

    student_id: str
    format: str
    folder: Path
    files: dict[str, str]  # SHA-256 by name
    bytes: int
    notes: list[str]  # what a reader of the files must know


class Format(Protocol):
    """One way to write a student."""

    KINDS: tuple[str, ...]

    def write(self, student: Loaded, folder: Path, wish: Wish) -> list[str]:
        """Fill an empty folder; returns notes for the person."""


def names() -> list[str]:
    """The formats that exist."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.ispkg)


def find(name: str) -> Format:
    """The format of that name. Raises UnknownName."""
    if name not in names():
        raise UnknownName("format", name, names())
    return cast(Format, importlib.import_module(f"{__name__}.{name}"))


def export(workspace: Workspace, student_id: str, name: str, folder: Path, wish: Wish) -> Exported:
    """Write a registered student into a new folder. Raises InputError where the format cannot hold its kind."""
    made = find(name)
    if folder.exists() and any(folder.iterdir()):
        raise InputError(f"--to {folder}: the folder is not empty; name a new one")
    student = open_student(workspace, student_id)
    kind = str(student.card["kind"])
    if made.KINDS and kind not in made.KINDS:
        raise InputError(f"--format {name} holds students of kind {', '.join(made.KINDS)}; {student_id} is a {kind}")
    folder.mkdir(parents=True, exist_ok=True)
    notes = made.write(student, folder, wish)
    files = file_hashes(folder)
    size = sum((folder / file).stat().st_size for file in files)
    return Exported(student_id, name, folder, files, size, notes)
