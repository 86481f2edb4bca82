"""Defaults of training a decoder, by method and device. Nothing heavy: a plan reads them too."""

import math

from pipeline.contracts import Method, Training

EPOCHS = 2.0
MOST_SEEN = {"cpu": 16_000, "cuda": 200_000}  # examples shown at most, unless asked for more
BATCH = 32
RANK = 16
RATES = {"lora": 1e-3, "qlora": 5e-4, "full": 2e-4}  # chosen on held-out restaurant8k rows (docs/experiments.md)
TOKEN_BUDGET = {"cpu": 4_096, "cuda": 16_384}


def method_of(training: Training) -> Method:
    """Adapters, unless something else is asked for."""
    return training.method or "lora"


def rank_of(training: Training) -> int:
    """Rank of the adapters."""
    return training.lora_rank or RANK


def steps_of(training: Training, examples: int, device: str) -> int:
    """Optimizer steps: two passes, fewer where that would show more examples than such a machine gets through."""
    batch = training.batch_size or BATCH
    if training.max_steps:
        return training.max_steps
    shown = examples * (training.epochs or EPOCHS)
    return max(1, math.ceil((shown if training.epochs else min(shown, MOST_SEEN[device])) / batch))


def weights_dtype(training: Training, device: str) -> str:
    """In how many bits the base is read: 16 on a GPU where it does not learn itself."""
    return "bfloat16" if device == "cuda" and method_of(training) != "full" else "float32"
