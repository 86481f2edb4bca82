"""``rationale``: answer and explanation as two tasks of one network (Hsieh et al. 2023, arXiv 2305.02301).

    L = w x CE(answer | answer prompt) + (1 - w) x CE(rationale | explain prompt)

Two prompts tell the tasks apart, so at serving the student answers at once and no explanation is written or paid for.
"""

from dataclasses import replace
from typing import Any

from analytics.errors import DataMissing
from pipeline.contracts import Training
from pipeline.objectives import Chats, sequence
from pipeline.students import Lessons
from pipeline.students.neural.examples import Corpus, Example
from pipeline.students.neural.forward import Batch

EXPLAIN = "Explain how to find the answer."
LEAST = 0.2  # of the lessons must have a rationale


def corpus(lessons: Lessons, chats: Chats, training: Training) -> Corpus:
    """One example a lesson, and a second one for each rationale. Raises DataMissing where there are too few."""
    answers, chat = sequence.corpus(lessons, chats, training), chats(EXPLAIN)
    reasons = [(text, why) for text, why in zip(lessons.inputs, lessons.rationales, strict=False) if why]
    if len(reasons) < LEAST * len(lessons):
        raise DataMissing(
            f"objective rationale: {len(reasons)} of {len(lessons)} lessons have a rationale, {LEAST:.0%} are needed; "
            "plan with --teach rationale, or give pairs with a rationale column"
        )
    made = [Example(chat.rest(text), chat.answer(why), "rationale", prefix=1) for text, why in reasons]
    kept = [one for one in made if one.tokens + len(chat.prefix) <= training.max_tokens]
    weights = {"answer": training.objective_weight, "rationale": 1 - training.objective_weight}
    return replace(
        answers, examples=answers.examples + kept, prefixes=[*answers.prefixes, chat.prefix], weights=weights,
        left_out=answers.left_out + len(made) - len(kept),
    )  # fmt: skip


def loss(model: Any, batch: Batch, training: Training) -> Any:
    """Cross-entropy of either task; the corpus holds their weights."""
    return sequence.loss(model, batch, training)
