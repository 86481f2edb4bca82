"""What a network is shown: token ids of prompt and answer, in batches of like length."""

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

Ids = list[int]
WINDOW = 64  # batches that are cut from one sorted stretch of the shuffled order: like lengths, yet random


@dataclass(frozen=True)
class Example:
    """One prompt with the answer to learn."""

    rest: Ids  # the prompt after the shared prefix
    answer: Ids  # with the token that ends it
    group: str = "answer"  # losses are averaged within a group, then weighted: answer, rationale, general
    prefix: int = 0  # which shared prefix stands before it
    teacher: Any = None  # what an objective knows of the teacher at each answer token

    @property
    def tokens(self) -> int:
        """Useful tokens: no padding, no shared prefix."""
        return len(self.rest) + len(self.answer)


@dataclass(frozen=True)
class Corpus:
    """Everything a network is trained on."""

    examples: list[Example]
    prefixes: list[Ids]
    weights: dict[str, float] = field(default_factory=lambda: {"answer": 1.0})  # of each group's mean loss
    left_out: int = 0  # longer than allowed


def batches_of(corpus: Corpus, size: int, seed: int, epoch: int) -> list[list[int]]:
    """Places of one epoch's batches: every example once, in an order that seed and epoch alone decide.

    Examples are shuffled, cut into windows, sorted by length within each, dealt into batches of ``size`` examples,
    and the batches shuffled. Padding nearly vanishes; which examples meet stays random.
    """
    dice = random.Random(f"{seed}:{epoch}")
    order = list(range(len(corpus.examples)))
    dice.shuffle(order)
    found: list[list[int]] = []
    for start in range(0, len(order), size * WINDOW):
        window = sorted(order[start : start + size * WINDOW], key=lambda place: _key(corpus.examples[place]))
        found += [window[at : at + size] for at in range(0, len(window), size)]
    dice.shuffle(found)
    return found


def _key(example: Example) -> tuple[int, int]:
    return (example.prefix, example.tokens)


def micro_batches(corpus: Corpus, places: Sequence[int], token_budget: int) -> list[list[int]]:
    """A batch cut into pieces of one prefix each whose padded size stays within ``token_budget`` [tokens]."""
    found: list[list[int]] = []
    for place in sorted(places, key=lambda place: _key(corpus.examples[place])):
        one = corpus.examples[place]
        last = found[-1] if found else []
        same = bool(last) and corpus.examples[last[0]].prefix == one.prefix
        # Sorted by length, so the newest is the longest: the padded size is its length times how many there are.
        if same and (len(last) + 1) * (one.tokens + len(corpus.prefixes[one.prefix])) <= token_budget:
            last.append(place)
        else:
            found.append([place])
    return found


def spelled_out(corpus: Corpus) -> Corpus:
    """The same with the prefix in every example: what gradient checkpointing needs, which keeps no shared cache."""
    whole = [replace(one, rest=corpus.prefixes[one.prefix] + one.rest) for one in corpus.examples]
    return replace(corpus, examples=whole, prefixes=[[] for _ in corpus.prefixes])


def order_hash(batches: Sequence[Sequence[int]]) -> str:
    """One hash of an order, so that a resumed run can see that it goes on with the same one."""
    return hashlib.sha256(repr([list(batch) for batch in batches]).encode()).hexdigest()


def group_tokens(corpus: Corpus, places: Sequence[int]) -> dict[str, int]:
    """Answer tokens of each group in a batch, over which its loss is averaged."""
    counts: dict[str, int] = {}
    for place in places:
        one = corpus.examples[place]
        counts[one.group] = counts.get(one.group, 0) + len(one.answer)
    return counts
