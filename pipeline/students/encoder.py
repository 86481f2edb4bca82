"""``encoder``: a fine-tuned sentence or masked encoder. For labels, several labels, and JSON copied from the input.

One label: a tuned encoder beside a ``head``, whose scores are added; each alone is worse. Several labels and fields
of JSON: linear heads on the encoder, with a confidence fitted on traffic that training did not see. A JSON answer is
built from its parts, so it is always valid.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from analytics.embed import FloatMatrix
from analytics.errors import DataMissing, QualityGateFailed
from pipeline.answer_kind import plain_forms
from pipeline.contracts import Answer, AnswerKind, Student
from pipeline.students import CARD, Lessons, Setup, head
from pipeline.students.encoding import net, one_label, tuning
from pipeline.students.encoding.extraction import Extraction
from pipeline.students.encoding.net import Encoder
from pipeline.students.encoding.several_labels import SeveralLabels
from pipeline.students.encoding.told import SIGNALS, told_signals
from pipeline.students.parts.confidence import Confidence, fit_confidence
from pipeline.students.parts.familiar import Familiar, fit_familiar, load_familiar
from pipeline.students.parts.store import read_parts, write_parts
from pipeline.template import Template, find_template

ANSWERS: frozenset[AnswerKind] = frozenset({"label", "labels", "json"})
OBJECTIVES = ("sequence",)
FORMAT = 1
HEAD_CARD, TRUST = "head.json", "confidence.npz"
LEAST_TUNE = 30  # rows; fewer say nothing about when to trust
NET_WEIGHT = np.float32(0.2)  # of log P beside the head's scores; flat from .1 to .6 on held-out rows
UNKNOWN = np.float32(-20.0)  # log P of a label that the network never saw
READERS: dict[AnswerKind, Any] = {"labels": SeveralLabels, "json": Extraction}


@dataclass(frozen=True)
class OneLabel:
    """A tuned encoder beside a head."""

    encoder: Encoder
    labels: list[str]  # of the encoder's scores
    template: Template
    head: head.Head
    kind: str = "encoder"

    def answer(self, texts: list[str]) -> list[Answer]:
        """Answers in the order of ``texts``."""
        return self.head.answer(texts)

    def save(self, folder: Path) -> None:
        """Network as safetensors, head as npz, the rest as JSON."""
        net.save(self.encoder, folder)
        write_parts(folder, self.head.parts, HEAD_CARD)
        card = {"answer_kind": "label", "labels": self.labels, "template": asdict(self.template)}
        _write_card(folder, card | {"max_tokens": self.encoder.max_tokens})


@dataclass(frozen=True)
class ByParts:
    """A tuned encoder whose answer is put together from parts."""

    encoder: Encoder
    reader: Any  # SeveralLabels or Extraction
    template: Template
    confidence: Confidence
    familiar: Familiar
    answer_kind: AnswerKind
    kind: str = "encoder"

    def answer(self, texts: list[str]) -> list[Answer]:
        """Answers in the order of ``texts``."""
        if not texts:
            return []
        bare = [self.template.bare(text) for text in texts]
        told, far = self.reader.tell(self.encoder, bare), self.familiar.distances(bare)
        sure = self.confidence.probability(told_signals(told, far))
        outputs = plain_forms([one.output for one in told], self.answer_kind, ())
        return [Answer(text, float(one), float(two)) for text, one, two in zip(outputs, sure, far, strict=True)]

    def save(self, folder: Path) -> None:
        """Network as safetensors, arrays as npz, the rest as JSON."""
        net.save(self.encoder, folder)
        self.familiar.save(folder)
        arrays: dict[str, Any] = {name: np.asarray(value) for name, value in vars(self.confidence).items()}
        np.savez(folder / TRUST, **arrays)
        card = {"answer_kind": self.answer_kind, "reader": self.reader.card(), "signals": list(SIGNALS)}
        _write_card(folder, card | {"template": asdict(self.template), "max_tokens": self.encoder.max_tokens})


def fit(train: Lessons, tune: Lessons, setup: Setup) -> Student:
    """Tune on the teacher's answers; learn from ``tune`` when the student says the same."""
    if len(tune) < LEAST_TUNE:
        raise QualityGateFailed(f"{len(tune)} rows to tune the confidence on; at least {LEAST_TUNE} are needed")
    template = find_template(train.teaching().inputs)
    taught = replace(train.teaching(), inputs=[template.bare(text) for text in train.teaching().inputs])
    if setup.answer_kind == "label":
        encoder, labels = one_label.fit_label_net(taught, setup)
        beside = _beside(encoder, labels, template)
        made = head.fit_beside(train, tune, replace(setup, features="sentence"), beside)
        return OneLabel(encoder, labels, template, made)
    return _fit_by_parts(taught, tune, template, setup)


def _fit_by_parts(taught: Lessons, tune: Lessons, template: Template, setup: Setup) -> ByParts:
    encoder = net.new_encoder(setup.base, setup.training, setup.seed)
    reader = READERS[setup.answer_kind].of(taught, encoder)
    reader.add_heads(encoder)
    encoder = tuning.tune(encoder, taught.inputs, reader.targets(taught, encoder), reader.loss, setup)
    familiar, held = fit_familiar(taught.inputs), [template.bare(text) for text in tune.inputs]
    told = reader.tell(encoder, held)
    said = plain_forms([one.output for one in told], setup.answer_kind, ())
    is_same = [one == answer for one, answer in zip(said, tune.answers, strict=True)]
    confidence = fit_confidence(told_signals(told, familiar.distances(held)), is_same)
    return ByParts(encoder, reader, template, confidence, familiar, setup.answer_kind)


def _beside(encoder: Encoder, known: Sequence[str], template: Template) -> head.Beside:
    """The network's scores for a head: one column for each label that the head asks for."""

    def scores(texts: list[str], labels: Sequence[str]) -> FloatMatrix:
        found = np.full((len(texts), len(labels)), UNKNOWN, dtype=np.float32)
        columns = {label: place for place, label in enumerate(labels)}
        both = [(place, columns[label]) for place, label in enumerate(known) if label in columns]
        own, theirs = (list(side) for side in zip(*both, strict=True))
        shares = one_label.log_shares(encoder, [template.bare(text) for text in texts])
        found[:, theirs] = np.maximum(shares[:, own], UNKNOWN)
        return NET_WEIGHT * found

    return scores


def _write_card(folder: Path, card: dict[str, Any]) -> None:
    data = card | {"kind": "encoder", "format": FORMAT}
    (folder / CARD).write_text(json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True))


def load(folder: Path) -> Student:
    """An encoder as it was saved. Raises DataMissing for another format."""
    card = json.loads((folder / CARD).read_text())
    if card.get("format") != FORMAT or card.get("signals", list(SIGNALS)) != list(SIGNALS):
        raise DataMissing(f"the student in {folder} was written by another version; train it again")
    encoder, template = net.load(folder, card["max_tokens"]), Template(**card["template"])
    if card["answer_kind"] == "label":
        beside = _beside(encoder, card["labels"], template)
        return OneLabel(encoder, card["labels"], template, head.Head(read_parts(folder, HEAD_CARD), beside))
    with np.load(folder / TRUST, allow_pickle=False) as file:
        confidence = Confidence(file["centres"], file["scales"], file["weights"], float(file["offset"]))
    reader = READERS[card["answer_kind"]].read(card["reader"])
    return ByParts(encoder, reader, template, confidence, load_familiar(folder), card["answer_kind"])
