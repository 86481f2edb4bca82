"""Narrowness is measured again only when the sample that it rests on has changed.

It is the costly part of an analysis, and its intervals are far wider than what a fiftieth of a sample can move. The
profile says up to which call it was measured.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from analytics.narrowness import Narrowness

SAME_SHARE = 0.98  # of a sample's requests; below it the task is measured again
FILE = "narrowness_samples.parquet"
SCHEMA = pa.schema([("task_id", pa.string()), ("request_key", pa.uint64())])


class Measured(NamedTuple):
    """What an earlier analysis measured of one task, and the requests that it looked at."""

    request_keys: frozenset[int]
    narrowness: Narrowness
    as_of: str  # newest call of the log then, ISO


def is_still_good(request_keys: Sequence[int], earlier: Measured | None) -> bool:
    """Are nearly all of these requests those that were measured, and nearly no other?"""
    if earlier is None:
        return False
    same = len(earlier.request_keys.intersection(request_keys))
    return same >= SAME_SHARE * max(len(request_keys), len(earlier.request_keys))


def keep_measured(folder: Path, measured: Mapping[str, Measured]) -> None:
    """Write which requests each task's narrowness rests on."""
    rows = [(task, key) for task, one in measured.items() for key in sorted(one.request_keys)]
    columns = [pa.array([row[at] for row in rows], SCHEMA.field(at).type) for at in (0, 1)]
    metadata = {b"code": code_version().encode()}
    pq.write_table(
        pa.table(columns, schema=SCHEMA).replace_schema_metadata(metadata), folder / FILE, compression="zstd"
    )


def read_measured(folder: Path | None) -> dict[str, Measured]:
    """What the analysis in ``folder`` measured; nothing where other code measured it."""
    if folder is None or not (folder / FILE).exists():
        return {}
    table = pq.read_table(folder / FILE)
    if (table.schema.metadata or {}).get(b"code") != code_version().encode():
        return {}
    keys: dict[str, list[int]] = {}
    for task, key in zip(*(column.to_pylist() for column in table.columns), strict=True):
        keys.setdefault(task, []).append(key)
    rows = pq.read_table(folder / "tasks.parquet", columns=["task_id", "profile"]).to_pylist()
    profiles = {row["task_id"]: json.loads(row["profile"]) for row in rows}
    return {
        task: Measured(
            frozenset(found), Narrowness.from_json(profiles[task]["narrowness"]), profiles[task]["narrowness_as_of"]
        )
        for task, found in keys.items()
        if task in profiles and profiles[task]["narrowness"]
    }


@cache
def code_version() -> str:
    """A hash of the modules that measure narrowness."""
    digest = hashlib.sha256()
    here = Path(__file__).parent
    for pattern in ("narrowness*.py", "prediction*.py", "stand_ins.py", "answers.py", "labels.py", "embed.py"):
        for path in sorted(here.glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()
