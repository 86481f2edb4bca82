"""A text as a student sees it: n-grams beside dense vectors.

The n-grams know the words of this task; the dense vectors know which words are alike. The dense vectors go in as
likeness to landmarks, which lets a linear model draw the round borders of an RBF kernel (Nystroem's method,
Williams and Seeger 2001): worth more on short questions than any other change that cross-validation tried.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analytics.embed import FloatMatrix, embed, unit
from analytics.labels import normalise_input
from pipeline.contracts import Features
from pipeline.students.parts.grams import Grams, fit_grams
from pipeline.students.parts.memory import COARSE
from pipeline.students.parts.sentence import encode
from pipeline.template import Template, find_template

GAMMA = 1.0  # of the kernel exp(-GAMMA * |a - b|^2) between unit vectors
LANDMARKS = 2048
COMPONENTS = 512  # strongest directions kept of the landmarks' kernel
STATIC_BESIDE_SENTENCE = 0.7  # weight of the static vector where the sentence encoder leads
KERNEL_WEIGHTS: dict[Features, float] = {"static": 1.5, "sentence": 2.0}  # beside n-gram blocks of length one each


@dataclass(frozen=True)
class Seen:
    """What was read of some texts."""

    forms: list[str]
    grams: Any  # sparse, texts by n-grams
    dense: FloatMatrix
    vectors: FloatMatrix  # unit vectors around the centre, for the memory


@dataclass(frozen=True)
class Reader:
    """Fitted on the training inputs; turns any text into features."""

    kind: Features
    template: Template
    grams: Grams
    centre: FloatMatrix  # mean vector of the training inputs: common to all, so tells nothing
    landmarks: FloatMatrix
    projection: FloatMatrix

    def read(self, texts: Sequence[str]) -> Seen:
        """Features of the texts, in their order."""
        bare = [self.template.bare(text) for text in texts]
        return self.see(bare, _vectors(bare, embed(bare), self.kind))

    def see(self, bare: Sequence[str], raw: FloatMatrix) -> Seen:
        """Features of texts without their template, whose vectors are known already."""
        vectors = unit(raw - self.centre)
        dense = (_kernel(vectors, self.landmarks) @ self.projection) * np.float32(KERNEL_WEIGHTS[self.kind])
        return Seen([normalise_input(text) for text in bare], self.grams.transform(bare), dense, vectors)

    @property
    def coarse_width(self) -> int:
        """Leading dimensions that stand alone: those of the static embedding do, a sentence vector's do not."""
        return COARSE if self.kind == "static" else self.landmarks.shape[1]


def fit_reader(texts: Sequence[str], kind: Features, seed: int) -> tuple[Reader, Seen]:
    """Learn template, vocabulary, centre and landmarks of the training inputs; returns what was read of them too."""
    template = find_template(texts)
    bare = [template.bare(text) for text in texts]
    vectors = _vectors(bare, embed(bare), kind)
    centre: FloatMatrix = vectors.mean(axis=0, keepdims=True)
    chosen = np.sort(np.random.default_rng(seed).permutation(len(bare))[:LANDMARKS])
    landmarks = unit(vectors[chosen] - centre)
    reader = Reader(kind, template, fit_grams(bare), centre, landmarks, _projection(landmarks))
    return reader, reader.see(bare, vectors)


def _vectors(texts: Sequence[str], static: FloatMatrix, kind: Features) -> FloatMatrix:
    if kind == "static":
        return static
    return np.concatenate((encode(texts), np.float32(STATIC_BESIDE_SENTENCE) * static), axis=1)


def _kernel(left: FloatMatrix, right: FloatMatrix) -> FloatMatrix:
    """exp(-GAMMA * |a - b|^2) of unit vectors, whose squared distance is 2 - 2 a.b."""
    likeness: FloatMatrix = np.exp(np.float32(-2 * GAMMA) * (1 - left @ right.T))
    return likeness


def _projection(landmarks: FloatMatrix) -> FloatMatrix:
    """Turns likeness to landmarks into coordinates whose products give the kernel back.

    Directions scaled by one over the root of their strength, the strongest first; those without strength
    (repeated landmarks) would only amplify rounding.
    """
    strengths, directions = np.linalg.eigh(_kernel(landmarks, landmarks).astype(np.float64))
    kept = [place for place in np.argsort(-strengths, kind="stable")[:COMPONENTS] if strengths[place] > 1e-6]
    coordinates: FloatMatrix = (directions[:, kept] / np.sqrt(strengths[kept])).astype(np.float32)
    return coordinates
