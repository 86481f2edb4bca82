"""``causal``: a decoder with adapters, for any answer that is text: labels, JSON, prose, code.

Trained with the base's own chat template on what changes of the prompt; constant prompt text is pruned from training
and serving alike. A JSON answer can never leave valid JSON, a label never its set. Confidence is a logistic model of
how sure the tokens were and how familiar the input is, fitted on traffic that training did not see.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analytics.errors import QualityGateFailed
from pipeline.answer_kind import plain_forms
from pipeline.base_files import fingerprint
from pipeline.base_models import BaseModel, find_base
from pipeline.contracts import Answer, AnswerKind
from pipeline.students import Lessons, Setup
from pipeline.students.neural import recipe, saved
from pipeline.students.neural.chat import Chat
from pipeline.students.neural.closing import closed
from pipeline.students.neural.decode import Written, decode
from pipeline.students.neural.saved import Card
from pipeline.students.neural.settings import method_of, rank_of
from pipeline.students.neural.sureness import token_signals
from pipeline.students.parts.confidence import Confidence, fit_confidence
from pipeline.students.parts.familiar import Familiar, fit_familiar
from pipeline.template import Template, find_template

ANSWERS: frozenset[AnswerKind] = frozenset({"label", "labels", "json", "text"})
OBJECTIVES = ("sequence", "logits", "rationale", "features")
LEAST_TUNE = 30  # rows; fewer say nothing about when to trust
MOST_TUNE = 600  # rows, the newest: each costs a decoded answer


@dataclass(frozen=True)
class Causal:
    """A trained decoder."""

    model: Any  # with the adapters merged in
    chat: Chat
    weights: dict[str, Any]  # what was trained, by name
    card: Card
    confidence: Confidence
    familiar: Familiar
    kind: str = "causal"

    def answer(self, texts: list[str]) -> list[Answer]:
        """Answers in the order of ``texts``."""
        if not texts:
            return []
        bare = [self.card.template.bare(text) for text in texts]
        written = decode(self.model, self.chat, bare, self.card.most_tokens, self.card.writer())
        far = self.familiar.distances(bare)
        sure = self.confidence.probability(token_signals(written, far))
        is_json = self.card.answer_kind == "json"
        said = [closed(one.text) if is_json and not one.is_finished else one.text for one in written]
        outputs = plain_forms(said, self.card.answer_kind, ())
        rows = zip(outputs, written, sure, far, strict=True)
        return [Answer(text, _chance(one, float(chance)), float(distance)) for text, one, chance, distance in rows]

    def strangeness(self, texts: list[str]) -> list[float]:
        """Distance to the nearest lesson, without answering."""
        return [float(far) for far in self.familiar.distances([self.card.template.bare(text) for text in texts])]

    def save(self, folder: Path) -> None:
        """Trained weights as safetensors, arrays as npz, the rest as JSON."""
        saved.write(folder, self.card, self.weights, self.confidence, self.familiar)


def _chance(written: Written, chance: float) -> float:
    """An answer that did not come to its end is worth nothing."""
    return chance if written.is_finished else 0.0


def fit(train: Lessons, tune: Lessons, setup: Setup) -> Causal:
    """Train on the teacher's answers; learn from ``tune`` when the student says the same."""
    if len(tune) < LEAST_TUNE:
        raise QualityGateFailed(f"{len(tune)} rows to tune the confidence on; at least {LEAST_TUNE} are needed")
    base, lessons = find_base(setup.base), train.teaching()
    template = find_template(lessons.inputs)
    taught = _bare(lessons, template)
    trained = recipe.train(base, taught, setup)
    card = _card(base, setup, template, taught, trained.chat)
    model = saved.merged(trained.model)
    familiar = fit_familiar(taught.inputs)
    confidence = _learn_trust(model, trained.chat, card, familiar, _bare(tune, template))
    return Causal(model, trained.chat, trained.weights, card, confidence, familiar)


def load(folder: Path) -> Causal:
    """A decoder as it was saved."""
    found = saved.read(folder)
    return Causal(found.model, found.chat, found.weights, found.card, found.confidence, found.familiar)


def _bare(lessons: Lessons, template: Template) -> Lessons:
    return Lessons(**(vars(lessons) | {"inputs": [template.bare(text) for text in lessons.inputs]}))


def _card(base: BaseModel, setup: Setup, template: Template, taught: Lessons, chat: Chat) -> Card:
    longest = max(len(chat.answer(answer)) for answer in set(taught.answers))
    return Card(
        base=setup.base or base.name, method=method_of(setup.training), rank=rank_of(setup.training),
        seed=setup.seed, answer_kind=setup.answer_kind, instructions=setup.instructions, template=template,
        most_tokens=2 * longest + 8, vocabulary=saved.vocabulary_of(setup.answer_kind, taught.answers),
        base_sha256=fingerprint(base),
    )  # fmt: skip


def _learn_trust(model: Any, chat: Chat, card: Card, familiar: Familiar, tune: Lessons) -> Confidence:
    held = tune.take(list(range(max(0, len(tune) - MOST_TUNE), len(tune))))
    written = decode(model, chat, held.inputs, card.most_tokens, card.writer())
    said = plain_forms([one.text for one in written], card.answer_kind, ())
    is_same = [one == answer for one, answer in zip(said, held.answers, strict=True)]
    return fit_confidence(token_signals(written, familiar.distances(held.inputs)), is_same)
