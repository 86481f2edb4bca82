"""``sequence``: the teacher's answers as targets (sequence-level distillation, Kim and Rush 2016)."""

from typing import Any

from pipeline.contracts import Training
from pipeline.objectives import Chats
from pipeline.students import Lessons
from pipeline.students.neural.examples import Corpus, Example
from pipeline.students.neural.forward import Batch, cross_entropy, predict


def corpus(lessons: Lessons, chats: Chats, training: Training) -> Corpus:
    """One example a lesson; one longer than allowed is counted and left out."""
    chat = chats()
    pairs = zip(lessons.inputs, lessons.answers, strict=True)
    examples = [Example(chat.rest(text), chat.answer(answer)) for text, answer in pairs]
    kept = [one for one in examples if one.tokens + len(chat.prefix) <= training.max_tokens]
    return Corpus(kept, [chat.prefix], left_out=len(examples) - len(kept))


def loss(model: Any, batch: Batch, training: Training) -> Any:
    """Mean over answer tokens of -log p(token) [nats]; prompts teach nothing."""
    return cross_entropy(predict(model, batch).logits, batch)
