"""Folders that are either whole or not there: written aside, hashed, synced, renamed.

A crash can only leave a temporary folder behind, and a bit that flips later is seen on reading.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from pathlib import Path

from analytics.errors import SpiritsafeError

MANIFEST = "manifest.json"
RESULT = "result.json"  # what the stage said of itself
TIMINGS = "timings.json"  # what differs from one execution to the next
VOLATILE = frozenset({RESULT, TIMINGS})  # guarded against damage, but no part of what the stage made


def canonical(value: object) -> str:
    """One JSON text per value, whatever the order of its keys: what hashes are taken of."""
    data = asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def short_hash(value: object, length: int = 12) -> str:
    """The first hexadecimal digits of the SHA-256 of ``canonical(value)``."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()[:length]


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def file_hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of every file under ``folder`` by its relative path; the manifest itself apart."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {name: file_sha256(path) for path in files if (name := path.relative_to(folder).as_posix()) != MANIFEST}


def output_hash(files: Mapping[str, str]) -> str:
    """One hash of what a folder holds, without what differs between two equal executions."""
    return short_hash({name: digest for name, digest in files.items() if name not in VOLATILE}, length=64)


def write_json(path: Path, value: object) -> None:
    """Write one JSON document, keys sorted so that equal values are equal bytes."""
    path.write_text(json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False) + "\n", "utf-8")


def read_json(path: Path) -> dict[str, object]:
    """One JSON object from a file that this program wrote."""
    value = json.loads(path.read_text("utf-8"))
    if not isinstance(value, dict):
        raise SpiritsafeError(f"{path} should hold a JSON object")
    return value


def seal(folder: Path) -> str:
    """List and hash every file, and make sure that all of it is on the disk. Returns the output hash."""
    files = file_hashes(folder)
    digest = output_hash(files)
    write_json(folder / MANIFEST, {"files": files, "output_hash": digest})
    for path in sorted(folder.rglob("*"), reverse=True):
        sync(path)
    sync(folder)
    return digest


def sealed_hash(folder: Path) -> str | None:
    """The output hash of a folder whose every file is as it was sealed; None when it is absent or damaged."""
    try:
        manifest = read_json(folder / MANIFEST)
    except (OSError, ValueError, SpiritsafeError):
        return None
    files = file_hashes(folder)
    intact = manifest.get("files") == files and manifest.get("output_hash") == output_hash(files)
    return str(manifest["output_hash"]) if intact else None


def sync(path: Path) -> None:
    """Flush a file, or a folder's list of names, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def publish(temporary: Path, final: Path) -> None:
    """Give a sealed folder its name, in place of a damaged one if there is one."""
    if final.exists():
        shutil.rmtree(final)
    temporary.rename(final)
    sync(final.parent)
