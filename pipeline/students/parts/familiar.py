"""How strange an input is: the distance to the nearest training input, without keeping any text."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analytics.embed import FloatMatrix, embed, unit
from analytics.labels import normalise_input
from pipeline.students.parts.memory import form_hash

ARRAYS = "familiar.npz"
CHUNK = 1024


@dataclass(frozen=True)
class Familiar:
    """Static vectors and hashed forms of the training inputs."""

    centre: FloatMatrix
    vectors: FloatMatrix  # unit rows that fit half precision
    forms: NDArray[np.uint64]

    @cached_property
    def _known(self) -> frozenset[int]:
        return frozenset(self.forms.tolist())

    def distances(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """1 - cosine of the nearest training input; 0 for one that reads the same."""
        vectors = unit(embed(texts) - self.centre)
        starts = range(0, len(texts), CHUNK)
        near = [(vectors[at : at + CHUNK] @ self.vectors.T).max(axis=1) for at in starts]
        far = 1 - np.concatenate([np.zeros(0), *near]).astype(np.float64)
        same = np.array([form_hash(normalise_input(text)) in self._known for text in texts], dtype=bool)
        return np.where(same, 0.0, np.maximum(far, 0.0))

    def save(self, folder: Path) -> None:
        """One npz."""
        half = self.vectors.astype(np.float16)
        np.savez(folder / ARRAYS, centre=self.centre, vectors=half, forms=self.forms)


def fit_familiar(texts: Sequence[str]) -> Familiar:
    """Remember how the training inputs look."""
    raw = embed(texts)
    centre: FloatMatrix = raw.mean(axis=0, keepdims=True)
    vectors = unit(raw - centre).astype(np.float16).astype(np.float32)
    forms = np.array(sorted({form_hash(normalise_input(text)) for text in texts}), dtype=np.uint64)
    return Familiar(centre, vectors, forms)


def load_familiar(folder: Path) -> Familiar:
    """As it was saved."""
    with np.load(folder / ARRAYS, allow_pickle=False) as file:
        return Familiar(file["centre"], file["vectors"].astype(np.float32), file["forms"])
