"""Processes that train one network together: each takes a share of every batch, and their gradients are added up.

A step's loss is a weighted sum over its examples, with weights that every process works out over the whole batch. So
the sum of the shares' gradients is the gradient of the batch, and every process takes the same step (decision 0014).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Group:
    """This process among those that train together."""

    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """The first one writes checkpoints, events and the result."""
        return self.rank == 0

    def share(self, places: Sequence[int]) -> list[int]:
        """Its part of a batch: every n-th example, so that long and short ones are spread evenly."""
        return list(places[self.rank :: self.size])

    def add_up(self, parameters: Iterable[Any], loss: float) -> float:
        """Replace each gradient by its sum over all processes. Returns the sum of their losses."""
        if self.size == 1:
            return loss
        import torch
        import torch.distributed as dist

        learning = list(parameters)
        for parameter in learning:
            if parameter.grad is None:  # this process had no example
                parameter.grad = torch.zeros_like(parameter)
            dist.all_reduce(parameter.grad)
        total = torch.tensor([loss], dtype=torch.float64, device=learning[0].device)
        dist.all_reduce(total)
        return float(total)

    def wait(self) -> None:
        """Go on when all have come here."""
        if self.size > 1:
            import torch.distributed as dist

            dist.barrier()


ALONE = Group()
