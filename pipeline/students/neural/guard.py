"""When training must not go on as it does: numbers that are none, and a loss that runs away."""

import math
from collections.abc import Sequence
from statistics import median

from analytics.errors import QualityGateFailed

WINDOW = 50  # steps
RUNAWAY = 3.0  # times the median before
MOST_ROLLBACKS = 2


def require_finite(step: int, loss: float, gradient_norm: float) -> None:
    """Stop before a step that would spoil the weights. Raises QualityGateFailed."""
    if not (math.isfinite(loss) and math.isfinite(gradient_norm)):
        raise QualityGateFailed(
            f"step {step}: the loss is {loss} and the gradient's length {gradient_norm}; the weights of the step "
            "before are kept. Try a lower --learning-rate, or float32"
        )


def has_diverged(losses: Sequence[float]) -> bool:
    """Whether each of the newest 50 losses is above three times the median of the 50 before.

    >>> has_diverged([1.0] * 50 + [3.5] * 50), has_diverged([1.0] * 50 + [3.5] * 49 + [1.0])
    (True, False)
    """
    if len(losses) < 2 * WINDOW:
        return False
    before, after = losses[-2 * WINDOW : -WINDOW], losses[-WINDOW:]
    return min(after) > RUNAWAY * median(before)


def require_rollback_left(rollbacks: int, losses: Sequence[float]) -> None:
    """Roll back at most twice. Raises QualityGateFailed with the reason."""
    if rollbacks >= MOST_ROLLBACKS:
        raise QualityGateFailed(
            f"the loss ran away to {median(losses[-WINDOW:]):.3g} again after {rollbacks} rollbacks, each at half the "
            "learning rate; look at the data, or start with a much lower --learning-rate"
        )
