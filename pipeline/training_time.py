"""How long training takes, from the work of a token and the work a second that a machine reaches. Pure formulas."""

from pipeline.base_models import BaseModel
from pipeline.base_shapes import forward_flops, vocabulary_flops
from pipeline.contracts import Method


def training_flops(
    base: BaseModel, method: Method, tokens: float, answer_tokens: float, row_tokens: float, is_checkpointed: bool
) -> float:
    """Work of training on ``tokens`` in rows of ``row_tokens`` [FLOP].

    A forward pass counts once, the gradient of the activations once more, that of the weights a third time where all
    of them learn (Kaplan et al. 2020); adapters add less than a hundredth. Checkpointing repeats the forward pass.

    >>> from pipeline.base_models import find_base
    >>> small = find_base("smollm2-135m-instruct")
    >>> lora, full = (training_flops(small, m, 1000, 0, 1, False) for m in ("lora", "full"))
    >>> full / lora
    1.5
    """
    passes = (3 if method == "full" else 2) + (1 if is_checkpointed else 0)
    head = 3 if method == "full" else 2
    return passes * tokens * forward_flops(base, row_tokens / 2) + head * answer_tokens * vocabulary_flops(base)


def seconds(flops: float, flops_per_s: float, machines: int = 1) -> float:
    """Time [s] at a pace that was measured, or is the machine's default.

    >>> seconds(1e12, 5e11)
    2.0
    """
    return flops / (flops_per_s * machines)
