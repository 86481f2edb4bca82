"""Fields of a JSON object: tags for what is copied, a classifier for each field that is chosen."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from analytics.answers import as_json_object
from analytics.embed import FloatMatrix
from pipeline.students import Lessons
from pipeline.students.encoding.fields import Fields, find_fields
from pipeline.students.encoding.net import HEADS, Encoder, pool
from pipeline.students.encoding.spans import best_tags, spans_of, surest, tags_of
from pipeline.students.encoding.told import Told
from pipeline.students.encoding.tuning import Seen

TAGS, CHOICE = "tags", "choice"
HEAD_SCALE = 5.0  # heads learn five times as fast as the body
IGNORED = -100


@dataclass(frozen=True)
class Extraction:
    """How to read fields off an encoder."""

    fields: Fields
    mean_tokens: float = 1.0  # of the lessons: each token of a short text weighs what one of a long text weighs

    @staticmethod
    def of(lessons: Lessons, encoder: Encoder) -> "Extraction":
        """For these lessons. Raises QualityGateFailed where a field can be neither copied nor chosen."""
        lengths = [len(ids) for ids in encoder.ids(lessons.inputs)]
        return Extraction(find_fields(lessons.inputs, lessons.answers), float(np.mean(lengths)))

    def add_heads(self, encoder: Encoder) -> None:
        """Fresh heads: tags if anything is copied, and one for each field that is chosen."""
        heads = encoder.net[HEADS]
        if self.fields.tagged:
            heads[TAGS] = _layer(encoder.width, 1 + 2 * len(self.fields.tagged))
        for number, values in enumerate(self.fields.chosen.values()):
            heads[f"{CHOICE}{number}"] = _layer(encoder.width, len(values))

    def targets(self, lessons: Lessons, encoder: Encoder) -> list[Any]:
        """(tags of the tokens, choices) of each lesson; the marks of start and end have no tag."""
        rows = zip(lessons.inputs, lessons.answers, encoder.offsets(lessons.inputs), strict=True)
        return [self._target(text, answer, offsets) for text, answer, offsets in rows]

    def _target(self, text: str, answer: str, offsets: Sequence[tuple[int, int]]) -> tuple[list[int], list[int]]:
        found = as_json_object(answer) or {}
        tags = tags_of(text, self.fields.values(found), offsets, self.fields.tagged)
        empty = (start == end for start, end in offsets)
        return [IGNORED if mark else tag for tag, mark in zip(tags, empty, strict=True)], self.fields.choices(found)

    def loss(self, heads: Any, seen: Seen, targets: Sequence[Any]) -> Any:
        """-log P of the tags and of the choices, one a text [nats over the mean length]."""
        import torch
        import torch.nn.functional as functional

        total = torch.zeros(len(targets), device=seen.states.device)
        if TAGS in heads:
            wanted = torch.full(seen.mask.shape, IGNORED)
            for row, (tags, _) in enumerate(targets):
                wanted[row, : len(tags)] = torch.tensor(tags)
            scores = HEAD_SCALE * heads[TAGS](seen.states)
            losses = functional.cross_entropy(
                scores.flatten(0, 1), wanted.flatten().to(scores.device), ignore_index=IGNORED, reduction="none"
            )
            total = total + losses.view(len(targets), -1).sum(1) / self.mean_tokens
        for number in range(len(self.fields.chosen)):
            scores = HEAD_SCALE * heads[f"{CHOICE}{number}"](pool(seen.states, seen.mask))
            places = torch.tensor([choices[number] for _, choices in targets], device=scores.device)
            total = total + functional.cross_entropy(scores, places, reduction="none")
        return total

    def tell(self, encoder: Encoder, texts: Sequence[str]) -> list[Told]:
        """The object of each text."""
        offsets = encoder.offsets(texts)
        found: list[Told | None] = [None] * len(texts)
        for places, states, mask in encoder.states(texts):
            tags = _log_shares(encoder.net[HEADS], TAGS, states) if self.fields.tagged else None
            choices = [
                _log_shares(encoder.net[HEADS], f"{CHOICE}{number}", pool(states, mask))
                for number in range(len(self.fields.chosen))
            ]
            for row, place in enumerate(places):
                own = tags[row, : len(offsets[place])] if tags is not None else None
                found[place] = self._one(texts[place], offsets[place], own, [shares[row] for shares in choices])
        return [one for one in found if one is not None]

    def _one(
        self, text: str, offsets: Sequence[tuple[int, int]], tags: FloatMatrix | None, choices: list[FloatMatrix]
    ) -> Told:
        singles: dict[str, str] = {}
        several: dict[str, list[str]] = {}
        rows = list(choices)
        chosen = [int(shares.argmax()) for shares in choices]
        picked = [float(shares.max()) for shares in choices]
        inner = [place for place, (start, end) in enumerate(offsets) if end > start]
        if tags is not None and inner:
            shares = tags[inner]
            path = best_tags(shares)
            spans = spans_of(text, path.tolist(), shares, [offsets[place] for place in inner], self.fields.tagged)
            singles = dict(surest([span for span in spans if span.key in self.fields.copied]))
            for span in spans:
                if span.key in self.fields.listed:
                    several.setdefault(span.key, []).append(span.text)
            picked += shares[np.arange(len(path)), path].tolist()
            rows += list(shares)
        entropies = [float(-(np.exp(row) * row).sum()) for row in rows]
        return Told(self.fields.build(singles, several, chosen), picked, entropies)

    def card(self) -> dict[str, Any]:
        """JSON values from which ``read`` makes the same."""
        return asdict(self.fields)

    @staticmethod
    def read(card: dict[str, Any]) -> "Extraction":
        """As it was saved."""
        chosen = {key: tuple(values) for key, values in card["chosen"].items()}
        return Extraction(Fields(tuple(card["copied"]), tuple(card["listed"]), chosen, card["empty"]))


def _log_shares(heads: Any, name: str, states: Any) -> FloatMatrix:
    import torch

    with torch.inference_mode():
        found: FloatMatrix = torch.log_softmax(HEAD_SCALE * heads[name](states), dim=-1).cpu().numpy()
    return found


def _layer(width: int, rows: int) -> Any:
    import torch

    layer = torch.nn.Linear(width, rows)
    with torch.no_grad():
        layer.weight.div_(HEAD_SCALE)
        layer.bias.zero_()
    return layer
