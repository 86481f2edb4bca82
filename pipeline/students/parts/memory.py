"""What the teacher said before: exact repeats and nearest neighbours of the training inputs.

Production traffic repeats itself, and a teacher repeats its own mistakes; a memory reproduces both. It keeps no
text: forms are hashed, and pieces of forms are hashed, so a student's folder cannot be read back into a log.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analytics.embed import FloatMatrix, unit
from pipeline.groups import piece_set

COARSE = 64  # leading dimensions of the static embedding, trained to stand alone: a quarter of the reading
SHORTLIST = 8  # nearest by the coarse vectors; compared letter by letter
CHUNK = 512

Hashes = NDArray[np.uint64]


class Neighbour(NamedTuple):
    """The remembered input most like this one."""

    label: int
    cosine: float  # of the coarse embeddings; 1 - cosine is how strange the input is
    overlap: float  # shared three-letter pieces over all pieces, 1 for the same form
    is_exact: bool
    agreement: float  # share of the shortlist that has the neighbour's label


@dataclass(frozen=True)
class Memory:
    """Training inputs as vectors and hashes, with what the teacher answered."""

    vectors: FloatMatrix  # unit rows, COARSE wide
    labels: NDArray[np.int32]
    forms: Hashes  # one a row
    piece_starts: NDArray[np.int64]
    pieces: NDArray[np.uint32]  # sorted within a row

    @cached_property
    def _by_form(self) -> dict[int, int]:
        return {int(form): place for place, form in enumerate(self.forms)}

    def recall(self, forms: Sequence[str], vectors: FloatMatrix) -> list[Neighbour]:
        """The best neighbour of each input. Work in chunks, so that memory stays small."""
        found: list[Neighbour] = []
        coarse = coarse_vectors(vectors)
        for start in range(0, len(forms), CHUNK):
            cosines = coarse[start : start + CHUNK] @ self.vectors.T
            found += [self._best(form, row) for form, row in zip(forms[start : start + CHUNK], cosines, strict=True)]
        return found

    def _best(self, form: str, cosines: NDArray[np.float32]) -> Neighbour:
        shortlist = _largest(cosines, SHORTLIST)
        exact = self._by_form.get(form_hash(form))
        if exact is not None:
            label = int(self.labels[exact])
            agreement = float(np.mean(self.labels[shortlist] == label))
            return Neighbour(label, 1.0, 1.0, True, agreement)
        pieces = piece_hashes(form)
        overlaps = [self._overlap(pieces, int(place)) for place in shortlist]
        ranked = [overlap + float(cosines[place]) for overlap, place in zip(overlaps, shortlist, strict=True)]
        best = int(np.argmax(ranked))
        label = int(self.labels[shortlist[best]])
        agreement = float(np.mean(self.labels[shortlist] == label))
        return Neighbour(label, float(cosines[shortlist].max()), overlaps[best], False, agreement)

    def _overlap(self, pieces: NDArray[np.uint32], place: int) -> float:
        other = self.pieces[self.piece_starts[place] : self.piece_starts[place + 1]]
        spots = np.minimum(np.searchsorted(other, pieces), len(other) - 1)
        shared = int(np.count_nonzero(other[spots] == pieces))
        return shared / (len(pieces) + len(other) - shared)


def make_memory(forms: Sequence[str], labels: Sequence[int], vectors: FloatMatrix) -> Memory:
    """One entry a distinct form, with the answer given most often to it."""
    answers: dict[str, Counter[int]] = defaultdict(Counter)
    first: dict[str, int] = {}
    for place, (form, label) in enumerate(zip(forms, labels, strict=True)):
        answers[form][label] += 1
        first.setdefault(form, place)
    majority = [answers[form].most_common(1)[0][0] for form in first]
    pieces = [piece_hashes(form) for form in first]
    return Memory(
        coarse_vectors(vectors[list(first.values())]),
        np.array(majority, dtype=np.int32),
        np.array([form_hash(form) for form in first], dtype=np.uint64),
        np.cumsum([0] + [len(one) for one in pieces]).astype(np.int64),
        np.concatenate(pieces),
    )


def coarse_vectors(vectors: FloatMatrix) -> FloatMatrix:
    """The leading dimensions, scaled to length one."""
    return unit(vectors[:, :COARSE])


def form_hash(form: str) -> int:
    """Sixty-four bits of a form: two of a million forms meet with a chance of 3 in 100 million."""
    return int.from_bytes(hashlib.blake2b(form.encode(), digest_size=8).digest(), "little")


def piece_hashes(form: str) -> NDArray[np.uint32]:
    """The pieces of a form as sorted 32-bit numbers, the same on every machine."""
    codes = [_piece_code(piece) for piece in piece_set(form)]
    return np.array(sorted(set(codes)), dtype=np.uint32)


def _piece_code(piece: str) -> int:
    code = 2_166_136_261  # FNV-1a over the characters
    for character in piece:
        code = ((code ^ ord(character)) * 16_777_619) & 0xFFFFFFFF
    return code


def _largest(values: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    """Places of the largest values; ties by place, so that the same input always finds the same neighbour."""
    if len(values) <= count:
        return np.arange(len(values))
    floor = np.partition(values, len(values) - count)[len(values) - count]
    above, level = np.flatnonzero(values > floor), np.flatnonzero(values == floor)
    return np.concatenate((above, level[: count - len(above)]))
