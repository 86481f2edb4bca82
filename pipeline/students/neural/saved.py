"""A trained decoder on disk, and read back: base by name, what was trained, and how to answer."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from analytics.answers import as_json_object
from analytics.errors import DataMissing
from pipeline.base_files import require_unchanged
from pipeline.base_models import find_base
from pipeline.contracts import AnswerKind, Method, Training
from pipeline.students.neural.chat import Chat, make_chat
from pipeline.students.neural.decode import Writer
from pipeline.students.neural.sureness import SIGNALS
from pipeline.students.neural.weights import add_adapters, read_tokenizer, read_weights
from pipeline.students.parts.confidence import Confidence
from pipeline.students.parts.familiar import Familiar, load_familiar
from pipeline.template import Template

FORMAT = 1
WEIGHTS, CARD, ARRAYS = "weights.safetensors", "student.json", "confidence.npz"


@dataclass(frozen=True)
class Card:
    """How a decoder was made and how it answers."""

    base: str  # by name, or its folder
    method: Method
    rank: int
    seed: int
    answer_kind: AnswerKind
    instructions: str | None  # constant prompt text that was kept
    template: Template  # constant prompt text that is pruned
    most_tokens: int  # of an answer
    vocabulary: list[str]  # labels, or keys of the JSON object; empty: anything
    base_sha256: str = ""  # of the base's files; empty: written by a version that did not look

    def writer(self) -> Writer | None:
        """What keeps answers within their form."""
        if self.answer_kind == "json":
            return Writer(keys=frozenset(self.vocabulary))
        return Writer(labels=self.vocabulary) if self.answer_kind == "label" else None


@dataclass(frozen=True)
class Saved:
    """Everything that was read."""

    model: Any
    chat: Chat
    weights: dict[str, Any]
    card: Card
    confidence: Confidence
    familiar: Familiar


def vocabulary_of(kind: AnswerKind, answers: list[str]) -> list[str]:
    """The labels, or the keys of the objects, that the lessons use."""
    if kind == "label":
        return sorted(set(answers))
    if kind == "json":
        return sorted({key for answer in answers for key in as_json_object(answer) or {}})
    return []


def merged(model: Any) -> Any:
    """The network with its adapters added into the weights, so that they cost nothing when it answers."""
    return model.merge_and_unload().eval() if hasattr(model, "merge_and_unload") else model.eval()


def write(folder: Path, card: Card, weights: dict[str, Any], confidence: Confidence, familiar: Familiar) -> None:
    """Four files; the same student gives the same bytes."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    save_file(weights, folder / WEIGHTS)
    arrays: dict[str, Any] = {name: np.asarray(value) for name, value in vars(confidence).items()}
    np.savez(folder / ARRAYS, **arrays)
    familiar.save(folder)
    data = asdict(card) | {"kind": "causal", "format": FORMAT, "signals": list(SIGNALS)}
    (folder / CARD).write_text(json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True))


def read(folder: Path) -> Saved:
    """Base and trained weights together. Raises DataMissing for another format or a half-written folder."""
    from safetensors.torch import load_file

    try:
        data = json.loads((folder / CARD).read_text())
        weights = load_file(folder / WEIGHTS)
        arrays = dict(np.load(folder / ARRAYS, allow_pickle=False))
    except (OSError, ValueError) as error:
        raise DataMissing(f"the student in {folder} cannot be read: {error}") from error
    if data.pop("format") != FORMAT or data.pop("signals") != list(SIGNALS):
        raise DataMissing(f"the student in {folder} was written by another version; train it again")
    data.pop("kind")
    card = Card(**(data | {"template": Template(**data["template"])}))
    confidence = Confidence(arrays["centres"], arrays["scales"], arrays["weights"], float(arrays["offset"]))
    model, chat = _model(card, weights)
    return Saved(model, chat, weights, card, confidence, load_familiar(folder))


def _model(card: Card, weights: dict[str, Any]) -> tuple[Any, Chat]:
    import torch

    base = find_base(card.base)
    require_unchanged(base, card.base_sha256)
    model = read_weights(base, method=card.method)
    model = add_adapters(model, base, Training(method=card.method), card.rank, card.seed)
    named = dict(model.named_parameters())
    with torch.no_grad():
        for name, value in weights.items():
            named[name].copy_(value)
    return merged(model), make_chat(read_tokenizer(base), card.instructions)
