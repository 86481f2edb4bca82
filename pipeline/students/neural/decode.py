"""Answering many inputs at once: the likeliest token each time, finished rows leave the batch at once."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.students.neural.chat import Chat, Ids
from pipeline.students.neural.forward import parts_of

CANDIDATES = 24  # likeliest tokens that are tried before an answer counts as stuck
ROWS = 64  # inputs answered together

Allows = Callable[[str, str, bool], bool]  # text so far, what would be added, is it the end: may it?


@dataclass
class Written:
    """One answer while it is written."""

    ids: Ids = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)  # of each token chosen, under the free distribution
    entropies: list[float] = field(default_factory=list)  # [nats]
    text: str = ""
    is_finished: bool = False  # ended by itself, not by the length limit


def decode(model: Any, chat: Chat, texts: Sequence[str], most_tokens: int, writer: Any = None) -> list[Written]:
    """An answer for each text, in order. ``writer`` constrains what may be written (see ``Writer``)."""
    rests = [chat.rest(text) for text in texts]
    order = sorted(range(len(texts)), key=lambda place: len(rests[place]))
    found: list[Written | None] = [None] * len(texts)
    for start in range(0, len(order), ROWS):
        places = order[start : start + ROWS]
        written = _decode_batch(model, chat, [rests[place] for place in places], most_tokens, writer)
        for place, one in zip(places, written, strict=True):
            found[place] = one
    return [one for one in found if one is not None]


def _decode_batch(model: Any, chat: Chat, rests: list[Ids], most_tokens: int, writer: Any) -> list[Written]:
    import torch

    with torch.inference_mode():
        state = _State(model, chat, rests, writer)
        for _ in range(most_tokens):
            if not state.open:
                break
            state.step()
    return state.written


class _State:
    """Cache and answers of one batch."""

    def __init__(self, model: Any, chat: Chat, rests: list[Ids], writer: Any) -> None:
        import torch
        from transformers import DynamicCache

        self.decoder, self.head = parts_of(model)
        self.chat, self.writer = chat, writer
        self.written = [Written() for _ in rests]
        self.open = list(range(len(rests)))  # rows of the cache, by the answer they write
        device = next(model.parameters()).device
        self.cache = DynamicCache(config=self.decoder.config)
        if chat.prefix:
            self.decoder(
                input_ids=torch.tensor([chat.prefix], device=device), past_key_values=self.cache, use_cache=True
            )
            if len(rests) > 1:
                self.cache.batch_repeat_interleave(len(rests))
        self._read(rests, device)

    def _read(self, rests: list[Ids], device: Any) -> None:
        """Prompts padded on the left, so that every row writes at the same place."""
        import torch

        width, before = max(map(len, rests)), len(self.chat.prefix)
        ids = torch.zeros((len(rests), width), dtype=torch.int64)
        self.mask = torch.ones((len(rests), before + width), dtype=torch.int64)
        places = torch.zeros((len(rests), width), dtype=torch.int64)
        for row, rest in enumerate(rests):
            pad = width - len(rest)
            ids[row, pad:] = torch.tensor(rest)
            self.mask[row, before : before + pad] = 0
            places[row, pad:] = torch.arange(before, before + len(rest))
        self.mask, self.place = self.mask.to(device), places[:, -1:].to(device) + 1
        out = self.decoder(
            input_ids=ids.to(device), attention_mask=self.mask, position_ids=places.to(device),
            past_key_values=self.cache, use_cache=True,
        )  # fmt: skip
        self.logits = self.head(out.last_hidden_state[:, -1]).float()

    def step(self) -> None:
        """Write one token in every open answer, then read it."""
        import torch

        shares = torch.log_softmax(self.logits, dim=-1)
        entropy = -(shares.exp() * shares).sum(dim=-1)
        likely = torch.topk(shares, CANDIDATES if self.writer else 1, dim=-1)
        chosen = [
            self._choose(answer, likely.indices[row].tolist(), likely.values[row].tolist(), float(entropy[row]))
            for row, answer in enumerate(self.open)
        ]
        going = [row for row, token in enumerate(chosen) if token is not None]
        self.open = [self.open[row] for row in going]
        if going:
            self._feed(going, [chosen[row] for row in going])

    def _choose(self, answer: int, ids: list[int], logprobs: list[float], entropy: float) -> int | None:
        one = self.written[answer]
        for token, logprob in zip(ids, logprobs, strict=True):
            is_end = token == self.chat.stop_id
            piece = "" if is_end else self._piece(one, token)
            if self.writer is not None and not self.writer.allows(one.text, piece, is_end):
                continue
            one.logprobs.append(logprob)
            one.entropies.append(entropy)
            if is_end:
                one.is_finished = True
                return None
            one.ids.append(token)
            one.text += piece
            return token
        one.logprobs.append(-math.inf)  # nothing that may follow is likely: the answer stays unfinished
        return None

    def _piece(self, one: Written, token: int) -> str:
        """What the token adds to the text; nothing yet while a sign of several bytes is incomplete."""
        whole = self.chat.text([*one.ids, token])
        return "" if whole.endswith("\ufffd") else whole[len(one.text) :]

    def _feed(self, rows: list[int], tokens: Sequence[int | None]) -> None:
        import torch

        device = self.mask.device
        if len(rows) < len(self.mask):
            keep = torch.tensor(rows, device=device)
            self.cache.batch_select_indices(keep)
            self.mask, self.place = self.mask[keep], self.place[keep]
        self.mask = torch.cat((self.mask, torch.ones((len(rows), 1), dtype=torch.int64, device=device)), dim=1)
        ids = torch.tensor([[token] for token in tokens], device=device)
        out = self.decoder(
            input_ids=ids, attention_mask=self.mask, position_ids=self.place, past_key_values=self.cache, use_cache=True
        )
        self.place = self.place + 1
        self.logits = self.head(out.last_hidden_state[:, -1]).float()


class Writer:
    """Keeps an answer within its form: a JSON object with known keys, or one of a closed set of labels."""

    def __init__(self, keys: frozenset[str] | None = None, labels: Sequence[str] | None = None) -> None:
        self.keys, self.labels = keys, labels
        self._forms: dict[str, Any] = {}

    def allows(self, text: str, piece: str, is_end: bool) -> bool:
        """Whether ``piece`` may follow ``text``, or the answer may end there."""
        if self.labels is not None:
            whole = text + piece
            return whole in self.labels if is_end else any(label.startswith(whole) for label in self.labels)
        form = self._form(text)
        if is_end:
            return form is not None and form.is_complete
        return self._form(text + piece, text, piece) is not None

    def _form(self, whole: str, text: str | None = None, piece: str = "") -> Any:
        from pipeline.students.neural.json_form import Form, advance

        if whole not in self._forms:
            if len(self._forms) > 50_000:
                self._forms.clear()
            known = self._forms.get(text) if text is not None else None
            self._forms[whole] = advance(known, piece, self.keys) if known else advance(Form(), whole, self.keys)
        return self._forms[whole]
