"""Sentences as vectors, offline: the static token embeddings that the wordllama wheel carries.

Two hundred and fifty-six numbers a text, the mean of its tokens' vectors. Good enough to group prompts by
meaning and to help a linear classifier, at tens of microseconds a text and no GPU.
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

DIMENSIONS = 256
MAX_CHARACTERS = 20_000  # a longer text is cut here: its mean no longer moves, and time would grow without bound
BATCH = 512

FloatMatrix = NDArray[np.float32]


@lru_cache(maxsize=1)
def _model() -> Any:
    """The bundled model, read once a process; never the network."""
    import logging

    before = logging.getLogger().handlers[:]
    import wordllama

    # Importing wordllama installs a root log handler; a library must not speak for the program.
    logging.getLogger().handlers[:] = before
    folder = Path(wordllama.__file__).parent
    model = wordllama.WordLlama.load(cache_dir=folder, disable_download=True)
    model.tokenizer.no_padding()  # pooling here takes each text's own tokens, so padding would only cost time
    return model


def token_ids(texts: Sequence[str]) -> list[list[int]]:
    """Token ids of each text, without special tokens."""
    cut = [text[:MAX_CHARACTERS] for text in texts]
    encoded = _model().tokenizer.encode_batch(cut, is_pretokenized=False, add_special_tokens=False)
    return [one.ids for one in encoded]


def token_vectors() -> FloatMatrix:
    """One row a token of the vocabulary."""
    vectors: FloatMatrix = _model().embedding
    return vectors


def embed(texts: Sequence[str]) -> FloatMatrix:
    """Unit vectors of the texts, one row each; a text without tokens is the zero vector."""
    out = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
    for start in range(0, len(texts), BATCH):
        for offset, ids in enumerate(token_ids(texts[start : start + BATCH])):
            if ids:
                out[start + offset] = token_vectors()[ids].mean(axis=0)
    return unit(out)


def unit(matrix: FloatMatrix) -> FloatMatrix:
    """Rows scaled to length one; zero rows stay zero."""
    length = np.linalg.norm(matrix, axis=1, keepdims=True)
    scaled: FloatMatrix = (matrix / np.where(length > 0, length, 1)).astype(np.float32)
    return scaled
