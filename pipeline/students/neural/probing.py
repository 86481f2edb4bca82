"""A decoder asked the general probes, through its base's own chat template."""

from collections.abc import Sequence
from typing import Any

from pipeline import general
from pipeline.base_models import find_base
from pipeline.forgetting import Scores
from pipeline.students.neural.chat import Chat, make_chat
from pipeline.students.neural.examples import Example
from pipeline.students.neural.forward import collate, predict
from pipeline.students.neural.weights import read_weights

TOKENS = 2_048  # padded, asked at once


def student_scores(student: Any) -> Scores:
    """The trained network."""
    return scores(student.model, make_chat(student.chat.tokenizer))


def base_scores(student: Any) -> Scores:
    """The base that it was trained on, read again."""
    device = next(student.model.parameters()).device
    base = read_weights(find_base(student.card.base), method=student.card.method).to(device).eval()
    return scores(base, make_chat(student.chat.tokenizer))


def scores(model: Any, chat: Chat) -> Scores:
    """Passages as they are, questions as a user's turn with each choice as the answer."""
    passages = [Example([], _ids(chat, text)) for text in general.passages()]
    starts = _starts(chat)
    surprise = [
        -total / len(one.answer) for total, one in zip(likelihoods(model, passages, starts), passages, strict=True)
    ]
    asked = general.questions()
    rows = [
        Example(chat.rest(f"{one.question} Answer with a word or number alone."), chat.answer(choice))
        for one in asked
        for choice in one.choices
    ]
    found = iter(likelihoods(model, rows, chat.prefix))
    is_right = []
    for one in asked:
        chances = [next(found) for _ in one.choices]
        is_right.append(chances.index(max(chances)) == one.answer)
    return Scores(surprise, is_right)


def likelihoods(model: Any, rows: Sequence[Example], prefix: list[int]) -> list[float]:
    """log p(answer | prefix, rest) of each row [nats]."""
    import torch

    device = next(model.parameters()).device
    order = sorted(range(len(rows)), key=lambda place: rows[place].tokens)
    found = [0.0] * len(rows)
    with torch.inference_mode():
        for places in _pieces(rows, order):
            batch = collate([rows[place] for place in places], prefix, [1.0] * len(places), device)
            logits = predict(model, batch).logits.float()
            each = torch.log_softmax(logits, dim=-1).gather(1, batch.targets[:, None])[:, 0]
            sums = torch.zeros(len(places), device=device).index_add(0, batch.rows, each)
            for place, total in zip(places, sums.tolist(), strict=True):
                found[place] = total
    return found


def _pieces(rows: Sequence[Example], order: Sequence[int]) -> list[list[int]]:
    found: list[list[int]] = [[]]
    for place in order:
        if found[-1] and (len(found[-1]) + 1) * rows[place].tokens > TOKENS:
            found.append([])
        found[-1].append(place)
    return found


def _ids(chat: Chat, text: str) -> list[int]:
    return list(chat.tokenizer(text, add_special_tokens=False)["input_ids"])


def _starts(chat: Chat) -> list[int]:
    """What stands before a text of its own: the token that begins one, else the one that ends the text before."""
    bos = chat.tokenizer.bos_token_id
    return [chat.stop_id if bos is None else int(bos)]
