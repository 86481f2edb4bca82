"""General examples among those of the task, so that less is forgotten (mixed replay; MiniLLM keeps such a loss too)."""

import random
from dataclasses import replace
from typing import Any

from pipeline import general
from pipeline.contracts import Training
from pipeline.students.neural.chat import Chat
from pipeline.students.neural.examples import Corpus, Example
from pipeline.students.neural.forward import Batch, cross_entropy, predict

GROUP = "general"


def mixed(corpus: Corpus, chat: Chat, training: Training, seed: int) -> Corpus:
    """The corpus with ``general_mix`` general examples for each of its own.

    Their mean loss weighs as much as their share, so that every example counts the same. They have a prefix of
    their own, and therefore micro-batches of their own. They are no rows of the task and counted as none.
    """
    wanted = round(training.general_mix * len(corpus.examples))
    if not wanted:
        return corpus
    pairs = _drawn(general.pairs(training.general_data), wanted, seed)
    place = len(corpus.prefixes)
    made = [Example(chat.rest(text), chat.answer(answer), GROUP, place) for text, answer in pairs]
    kept = [one for one in made if one.tokens + len(chat.prefix) <= training.max_tokens]
    return replace(
        corpus,
        examples=[*corpus.examples, *kept],
        prefixes=[*corpus.prefixes, chat.prefix],
        weights=corpus.weights | {GROUP: training.general_mix},
    )


def loss(model: Any, batch: Batch) -> Any | None:
    """Of a batch of general examples: cross-entropy on their answers; None for a batch of the task."""
    if batch.examples[0].group != GROUP:
        return None
    return cross_entropy(predict(model, batch).logits, batch)


def _drawn(pairs: list[tuple[str, str]], count: int, seed: int) -> list[tuple[str, str]]:
    """So many pairs in random order; all of them come once before any comes twice."""
    dice, found = random.Random(f"general:{seed}"), list[tuple[str, str]]()
    while len(found) < count:
        found += dice.sample(pairs, len(pairs))
    return found[:count]
