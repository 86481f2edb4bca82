"""What the teacher said before: exact repeats and nearest neighbours of the training inputs.

Production traffic repeats itself, and a teacher repeats its own mistakes; a memory reproduces both. It keeps no
text: forms are hashed, and pieces of forms are hashed, so a student's folder cannot be read back into a log.
"""

import hashlib
import zlib
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
SHORTLIST = 48  # nearest by the coarse vectors; compared by the whole vectors
VOTERS = 10  # nearest by the whole vectors; they vote, and are compared letter by letter
SHARPNESS = 8  # a voter counts cosine ** SHARPNESS: the nearest far more than the tenth
CHUNK = 512

Hashes = NDArray[np.uint64]


class Neighbour(NamedTuple):
    """The remembered input most like this one."""

    label: int
    cosine: float  # of the nearest voter, 1 for the same form
    familiarity: float  # mean cosine of the voters, 1 for the same form; 1 less it is how strange the input is
    overlap: float  # shared three-letter pieces over all pieces, 1 for the same form
    is_exact: bool
    agreement: float  # share of the voters that have the neighbour's label
    voters: NDArray[np.int32]  # their labels
    votes: FloatMatrix  # what each counts; one in all


@dataclass(frozen=True)
class Memory:
    """Training inputs as vectors and hashes, with what the teacher answered."""

    vectors: FloatMatrix  # unit rows; values fit half precision, so that a loaded student says the same
    coarse_width: int  # how many leading dimensions make the shortlist
    labels: NDArray[np.int32]
    forms: Hashes  # one a row
    piece_starts: NDArray[np.int64]
    pieces: NDArray[np.uint32]  # sorted within a row

    @cached_property
    def _by_form(self) -> dict[int, int]:
        return {int(form): place for place, form in enumerate(self.forms)}

    @cached_property
    def _coarse(self) -> FloatMatrix:
        return unit(self.vectors[:, : self.coarse_width])

    def recall(self, forms: Sequence[str], vectors: FloatMatrix) -> list[Neighbour]:
        """The best neighbour of each input, and the vote of its neighbourhood. In chunks, to save memory."""
        found: list[Neighbour] = []
        coarse = unit(vectors[:, : self.coarse_width])
        for start in range(0, len(forms), CHUNK):
            rows = slice(start, start + CHUNK)
            likeness = coarse[rows] @ self._coarse.T
            asked = zip(forms[rows], vectors[rows], likeness, strict=True)
            found += [self._neighbour(form, vector, row) for form, vector, row in asked]
        return found

    def _neighbour(self, form: str, vector: FloatMatrix, likeness: FloatMatrix) -> Neighbour:
        shortlist = _largest(likeness, SHORTLIST)
        cosines = self.vectors[shortlist] @ vector
        order = np.argsort(-cosines, kind="stable")[:VOTERS]
        places, cosines = shortlist[order], cosines[order]
        voters, strength = self.labels[places], np.maximum(cosines, 0) ** SHARPNESS
        votes = strength / (strength.sum() + np.float32(1e-9))
        exact = self._by_form.get(form_hash(form))
        if exact is not None:
            label, cosine, familiarity, overlap = int(self.labels[exact]), 1.0, 1.0, 1.0
        else:
            overlaps = self._overlaps(form, places)
            best = int(np.argmax([one + float(two) for one, two in zip(overlaps, cosines, strict=True)]))
            label, cosine, overlap = int(voters[best]), float(cosines[0]), overlaps[best]
            familiarity = float(np.mean(cosines))
        agreement = float(np.mean(voters == label))
        return Neighbour(label, cosine, familiarity, overlap, exact is not None, agreement, voters, votes)

    def _overlaps(self, form: str, places: NDArray[np.int64]) -> list[float]:
        pieces = piece_hashes(form)
        return [self._overlap(pieces, int(place)) for place in places]

    def _overlap(self, pieces: NDArray[np.uint32], place: int) -> float:
        other = self.pieces[self.piece_starts[place] : self.piece_starts[place + 1]]
        spots = np.minimum(np.searchsorted(other, pieces), len(other) - 1)
        shared = int(np.count_nonzero(other[spots] == pieces))
        return shared / (len(pieces) + len(other) - shared)


def vote(near: Sequence[Neighbour], label_count: int) -> FloatMatrix:
    """The neighbourhoods' votes, texts by labels."""
    votes = np.zeros((len(near), label_count), dtype=np.float32)
    for row, one in zip(votes, near, strict=True):
        np.add.at(row, one.voters, one.votes)
    return votes


def make_memory(forms: Sequence[str], labels: Sequence[int], vectors: FloatMatrix, coarse_width: int) -> Memory:
    """One entry a distinct form, with the answer given most often to it."""
    answers: dict[str, Counter[int]] = defaultdict(Counter)
    first: dict[str, int] = {}
    for place, (form, label) in enumerate(zip(forms, labels, strict=True)):
        answers[form][label] += 1
        first.setdefault(form, place)
    majority = [answers[form].most_common(1)[0][0] for form in first]
    pieces = [piece_hashes(form) for form in first]
    return Memory(
        vectors[list(first.values())].astype(np.float16).astype(np.float32),
        coarse_width,
        np.array(majority, dtype=np.int32),
        np.array([form_hash(form) for form in first], dtype=np.uint64),
        np.cumsum([0] + [len(one) for one in pieces]).astype(np.int64),
        np.concatenate(pieces),
    )


def form_hash(form: str) -> int:
    """Sixty-four bits of a form: two of a million forms meet with a chance of 3 in 100 million."""
    return int.from_bytes(hashlib.blake2b(form.encode(), digest_size=8).digest(), "little")


def piece_hashes(form: str) -> NDArray[np.uint32]:
    """The pieces of a form as sorted 32-bit numbers, the same on every machine."""
    return np.array(sorted({zlib.crc32(piece.encode()) for piece in piece_set(form)}), dtype=np.uint32)


def _largest(values: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    """Places of the largest values; ties by place, so that the same input always finds the same neighbour."""
    if len(values) <= count:
        return np.arange(len(values))
    floor = np.partition(values, len(values) - count)[len(values) - count]
    above, level = np.flatnonzero(values > floor), np.flatnonzero(values == floor)
    return np.concatenate((above, level[: count - len(above)]))
