"""``logits``: the teacher's distribution over the next token, beside its answers.

    L = (1 - w) x CE(answer) + w x T^2 x D(teacher, student)

D is forward KL, reverse KL or the generalised Jensen-Shannon divergence. The teacher is an API whose ``top_logprobs``
were stored: the listed tokens are compared one by one and all else as one *rest*, so no mass is lost. A local teacher
(``training.teacher_base``) gives its whole distribution and must share the student's vocabulary.
"""

from dataclasses import replace
from typing import Any

from analytics.errors import DataMissing
from pipeline.contracts import Training
from pipeline.objectives import Chats, sequence
from pipeline.objectives.parts.divergences import generalised_jsd, log_rest, with_rest
from pipeline.objectives.parts.local import local_teacher, require_same_vocabulary
from pipeline.objectives.parts.stored import align
from pipeline.students import Lessons
from pipeline.students.neural.examples import Corpus
from pipeline.students.neural.forward import Batch, cross_entropy, predict

LEAST = 0.2  # share of answer tokens at which a stored distribution must be known


def corpus(lessons: Lessons, chats: Chats, training: Training) -> Corpus:
    """Examples that carry the teacher's distribution, or plain ones where a local teacher gives it."""
    if training.teacher_base:
        return sequence.corpus(lessons, chats, training)
    chat = chats()
    whole = sequence.corpus(lessons, chats, replace(training, max_tokens=10**9))
    stored = lessons.top_logprobs or [None] * len(lessons)
    pairs = zip(whole.examples, stored, strict=True)
    examples = [replace(one, teacher=align(text, chat, one.answer)) for one, text in pairs]
    known, tokens = sum(one.teacher.known for one in examples), sum(len(one.answer) for one in examples)
    if known < LEAST * tokens:
        raise DataMissing(
            f"objective logits: a stored distribution is known at {known:,} of {tokens:,} answer tokens, {LEAST:.0%} "
            "are needed; plan with --teach logprobs, or name a local teacher"
        )
    kept = [one for one in examples if one.tokens + len(chat.prefix) <= training.max_tokens]
    return replace(whole, examples=kept, left_out=len(examples) - len(kept))


def loss(model: Any, batch: Batch, training: Training) -> Any:
    """Cross-entropy and divergence, weighed."""
    made = predict(model, batch)
    if training.teacher_base:
        apart = _from_local(made.logits, batch, training)
    else:
        apart = _from_stored(made.logits, batch, training)
    return (1 - training.objective_weight) * cross_entropy(made.logits, batch) + training.objective_weight * apart


def _from_stored(logits: Any, batch: Batch, training: Training) -> Any:
    """Divergence over the listed tokens and the rest, at tokens where a list is known."""
    import torch

    lists = [likely for one in batch.examples for likely in one.teacher.tokens]
    rows = [row for row, likely in enumerate(lists) if likely.ids]
    if not rows:
        return logits.sum() * 0
    width = max(len(lists[row].ids) for row in rows)
    ids = torch.zeros((len(rows), width), dtype=torch.int64)
    known = torch.full((len(rows), width), -torch.inf)
    for place, row in enumerate(rows):
        count = len(lists[row].ids)
        ids[place, :count] = torch.tensor(lists[row].ids)
        known[place, :count] = torch.tensor(lists[row].logprobs)
    chosen = torch.tensor(rows, device=logits.device)
    teacher = known.to(logits.device)
    student = torch.log_softmax(logits[chosen].float(), dim=-1).gather(1, ids.to(logits.device))
    student = student.masked_fill(teacher == -torch.inf, -torch.inf)
    apart = generalised_jsd(
        with_rest(teacher, log_rest(teacher)).clamp(min=-40), with_rest(student, log_rest(student)).clamp(min=-40),
        training.divergence,
    )  # fmt: skip
    return (apart * batch.weights[chosen]).sum()


def _from_local(logits: Any, batch: Batch, training: Training) -> Any:
    """Divergence over the whole vocabulary, both sides softened by the temperature."""
    import torch

    with torch.no_grad():
        theirs = predict(local_teacher(str(training.teacher_base), str(logits.device)), batch).logits
    require_same_vocabulary(logits.shape[-1], theirs.shape[-1])
    heat = training.temperature
    teacher, student = (torch.log_softmax(one.float() / heat, dim=-1) for one in (theirs, logits))
    return heat**2 * (generalised_jsd(teacher, student, training.divergence) * batch.weights).sum()
