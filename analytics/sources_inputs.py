"""What a person may name to import: files, folders and globs, ``-``, objects in a bucket, a table in a database."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Literal

from analytics.errors import DataMissing, InputError
from analytics.segments import on_disk
from analytics.sources import find_files
from analytics.sources_objects import OBJECT_SCHEMES, fetch_object, list_objects
from analytics.sources_sql import TABLE_SCHEMES, shown_url

CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class Input:
    """One thing to import."""

    name: str  # as it is shown and recorded: never with a password
    kind: Literal["file", "stdin", "object", "table"]
    address: str  # path or URL, as it is used


def find_inputs(paths: Sequence[str]) -> list[Input]:
    """Everything that the arguments name, each once. DataMissing for one that names nothing."""
    found: dict[str, Input] = {}
    for given in paths:
        for each in _named(given):
            found.setdefault(each.address, each)
    return list(found.values())


def _named(given: str) -> list[Input]:
    if given == "-":
        return [Input("-", "stdin", "-")]
    scheme, separator, _ = given.partition("://")
    if not separator:
        return [Input(str(path), "file", str(path)) for path in find_files([given])]
    kind = scheme.partition("+")[0].lower()
    if kind in TABLE_SCHEMES:
        return [Input(shown_url(given), "table", given)]
    if kind in OBJECT_SCHEMES:
        return [Input(name, "object", name) for name in list_objects(given)]
    known = ", ".join(f"{name}://" for name in (*OBJECT_SCHEMES, *TABLE_SCHEMES))
    raise InputError(f"{scheme}://…: cannot be imported from; name files, - for standard input, or one of {known}")


@contextmanager
def at_hand(source: Input, aside: Path) -> Iterator[Path]:
    """The input as a local file: its own, or a private copy under ``aside`` for as long as it is read."""
    if source.kind == "file":
        yield Path(source.address)
        return
    aside.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left_over in aside.iterdir():  # of an import that was killed; only one runs at a time
        left_over.unlink()
    with NamedTemporaryFile(dir=aside, delete=False) as file:
        copy = Path(file.name)
    try:
        on_disk(copy, lambda: _copy(source, copy))
        yield copy
    finally:
        copy.unlink(missing_ok=True)


def _copy(source: Input, copy: Path) -> None:
    if source.kind == "object":
        fetch_object(source.address, copy)
        return
    with copy.open("wb") as file:
        while data := sys.stdin.buffer.read(CHUNK_BYTES):
            file.write(data)
    if not copy.stat().st_size:
        raise DataMissing("-: standard input is empty")
