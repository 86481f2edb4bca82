"""Several labels of a closed set: one yes or no for each."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.answer_kind import list_labels
from pipeline.students import Lessons
from pipeline.students.encoding.net import HEADS, Encoder, pool
from pipeline.students.encoding.told import Told
from pipeline.students.encoding.tuning import Seen

NAME = "labels"
HEAD_SCALE = 5.0  # the head learns five times as fast as the body
PRIOR = 0.5  # pseudo-count of a label's rows, with and without it


@dataclass(frozen=True)
class SeveralLabels:
    """How to read labels off an encoder."""

    labels: tuple[str, ...]
    log_odds: tuple[float, ...] = ()  # of each label among the lessons: where its head starts

    @staticmethod
    def of(lessons: Lessons, encoder: Encoder) -> "SeveralLabels":
        """For these lessons."""
        lists = [set(list_labels(answer)) for answer in lessons.answers]
        labels = tuple(sorted(set().union(*lists)))
        counts = np.array([sum(label in names for names in lists) for label in labels])
        odds = (counts + PRIOR) / (len(lists) - counts + PRIOR)
        return SeveralLabels(labels, tuple(np.log(odds).tolist()))

    def add_heads(self, encoder: Encoder) -> None:
        """A fresh head that begins by saying how frequent each label is."""
        import torch

        layer = torch.nn.Linear(encoder.width, len(self.labels))
        with torch.no_grad():
            layer.weight.div_(HEAD_SCALE)
            layer.bias.copy_(torch.tensor(self.log_odds) / HEAD_SCALE)
        encoder.net[HEADS][NAME] = layer

    def targets(self, lessons: Lessons, encoder: Encoder) -> list[list[float]]:
        """One 0 or 1 a label."""
        lists = [set(list_labels(answer)) for answer in lessons.answers]
        return [[float(label in names) for label in self.labels] for names in lists]

    def loss(self, heads: Any, seen: Seen, targets: Sequence[Any]) -> Any:
        """-log P of every yes and no, summed over the labels, one a text [nats]."""
        import torch
        import torch.nn.functional as functional

        scores = HEAD_SCALE * heads[NAME](pool(seen.states, seen.mask))
        wanted = torch.tensor(targets, device=scores.device)
        return functional.binary_cross_entropy_with_logits(scores, wanted, reduction="none").sum(1)

    def tell(self, encoder: Encoder, texts: Sequence[str]) -> list[Told]:
        """The labels of each text: all that are likelier there than not."""
        import torch

        shares = np.zeros((len(texts), len(self.labels)))
        for places, states, mask in encoder.states(texts):
            with torch.inference_mode():
                scores = HEAD_SCALE * encoder.net[HEADS][NAME](pool(states, mask))
            shares[places] = torch.sigmoid(scores).cpu().numpy()
        return [self._one(row) for row in np.clip(shares, 1e-9, 1 - 1e-9)]

    def _one(self, row: Any) -> Told:
        named = [label for label, share in zip(self.labels, row, strict=True) if share >= 0.5]
        entropies = -(row * np.log(row) + (1 - row) * np.log(1 - row))
        return Told(
            json.dumps(named, ensure_ascii=False), np.log(np.maximum(row, 1 - row)).tolist(), entropies.tolist()
        )

    def card(self) -> dict[str, Any]:
        """JSON values from which ``read`` makes the same."""
        return {"labels": list(self.labels)}

    @staticmethod
    def read(card: dict[str, Any]) -> "SeveralLabels":
        """As it was saved."""
        return SeveralLabels(tuple(card["labels"]))
