"""Marks of many calls at once: small closed categories as codes, so that a million calls cost no million strings."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Column: TypeAlias = pa.Array | pa.ChunkedArray


@dataclass(frozen=True)
class Marks:
    """One category of each call: ``words[codes[i]]`` is that of call i."""

    codes: NDArray[np.int64]
    words: list[str]


def named(column: Column) -> Marks:
    """A column of names."""
    encoded = pc.cast(column, pa.string()).combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    encoded = encoded.dictionary_encode(null_encoding="encode")
    words = [str(word) for word in encoded.dictionary.to_pylist()]  # a missing name is called None, as in learning
    return Marks(encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64), words)


def doubled(column: Column, steps: int, unknown: str = "") -> Marks:
    """Sizes on a logarithmic scale, ``steps`` a doubling; see ``traffic.doublings``."""
    values = pc.cast(column, pa.float64()).to_numpy(zero_copy_only=False)
    known = ~np.isnan(values)
    sizes = np.full(len(values), -1, dtype=np.int64)
    sizes[known] = np.floor(steps * np.log2(1 + np.maximum(values[known], 0))).astype(np.int64)
    found, codes = distinct(sizes)
    return Marks(codes, [unknown if size < 0 else str(size) for size in found.tolist()])


def joined(prefix: str, *parts: Marks) -> Marks:
    """``prefix`` and the parts, with bars between; only combinations that occur."""
    codes = parts[0].codes
    for part in parts[1:]:
        codes = codes * len(part.words) + part.codes
    found, places = distinct(codes)
    return Marks(places, [f"{prefix}{_spelled(code, parts)}" for code in found.tolist()])


def distinct(values: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The different values in order, and the place of each value among them: np.unique by hashing, which for few
    values among many takes a tenth of the time of sorting them all."""
    encoded = pa.array(values).dictionary_encode()
    found = encoded.dictionary.to_numpy()
    order = np.argsort(found)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return found[order], rank[encoded.indices.to_numpy()]


def _spelled(code: int, parts: tuple[Marks, ...]) -> str:
    words: list[str] = []
    for part in reversed(parts[1:]):
        code, place = divmod(code, len(part.words))
        words.append(part.words[place])
    return "|".join([parts[0].words[code], *reversed(words)])
