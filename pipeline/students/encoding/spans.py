"""Values that are copied from the input: where they stand, as tags of tokens, and back.

Tag 0 is outside; key number k has the tags 1 + 2k (begins) and 2 + 2k (goes on).
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analytics.embed import FloatMatrix

Offsets = Sequence[tuple[int, int]]


class Span(NamedTuple):
    """One value found in a text."""

    key: str
    text: str
    share: float  # mean log-probability of its tags


def places(text: str, value: str) -> list[int]:
    """Where ``value`` stands in ``text`` [characters]; whole words first.

    >>> places("13 of 3", "3")
    [6, 1]
    """
    found, at = [], text.find(value)
    while at >= 0 and value:
        found.append(at)
        at = text.find(value, at + 1)
    return sorted(found, key=lambda at: not _is_whole(text, at, at + len(value)))


def _is_whole(text: str, start: int, end: int) -> bool:
    return not (text[start - 1 : start].isalnum() and text[start].isalnum()) and not (
        text[end : end + 1].isalnum() and text[end - 1].isalnum()
    )


def tags_of(text: str, values: Sequence[tuple[str, str]], offsets: Offsets, keys: Sequence[str]) -> list[int]:
    """Tags of the tokens for these (key, value) pairs; a value that no free tokens hold is left out."""
    tags = [0] * len(offsets)
    for key, value in sorted(values, key=lambda pair: -len(pair[1])):
        hit = _free_tokens(text, value, offsets, tags)
        for number, token in enumerate(hit):
            tags[token] = 1 + 2 * keys.index(key) + (number > 0)
    return tags


def _free_tokens(text: str, value: str, offsets: Offsets, tags: Sequence[int]) -> list[int]:
    for start in places(text, value):
        end = start + len(value)
        hit = [token for token, (begin, stop) in enumerate(offsets) if stop > begin and begin < end and stop > start]
        if hit and not any(tags[token] for token in hit):
            return hit
    return []


def best_tags(log_shares: FloatMatrix) -> NDArray[np.int64]:
    """The likeliest sequence in which a value goes on only after it began (Viterbi). Input [tokens, tags]."""
    tokens, tags = log_shares.shape
    may_follow = _may_follow(tags)
    best = np.where(may_follow[0], log_shares[0], -np.inf)
    back = np.zeros((tokens, tags), dtype=np.int64)
    for token in range(1, tokens):
        scores = np.where(may_follow, best[:, None], -np.inf)
        back[token] = scores.argmax(axis=0)
        best = scores.max(axis=0) + log_shares[token]
    path = np.zeros(tokens, dtype=np.int64)
    path[-1] = int(best.argmax())
    for token in range(tokens - 1, 0, -1):
        path[token - 1] = back[token, path[token]]
    return path


def _may_follow(tags: int) -> NDArray[np.bool_]:
    """[before, after]: anything may follow but a tag that goes on with what did not begin."""
    before, after = np.arange(tags)[:, None], np.arange(tags)[None]
    begins = (after % 2 == 1) | (after == 0)
    allowed: NDArray[np.bool_] = begins | (before == after) | (before == after - 1)
    return allowed


def spans_of(
    text: str, tags: Sequence[int], log_shares: FloatMatrix, offsets: Offsets, keys: Sequence[str]
) -> list[Span]:
    """The values that tags name, in the order of the text."""
    found, token = [], 0
    while token < len(tags):
        begun, first = tags[token], token
        token += 1
        if begun % 2 == 0:
            continue
        while token < len(tags) and tags[token] == begun + 1:
            token += 1
        share = float(np.mean([log_shares[place, tags[place]] for place in range(first, token)]))
        found.append(Span(keys[(begun - 1) // 2], text[offsets[first][0] : offsets[token - 1][1]], share))
    return found


def surest(spans: Sequence[Span]) -> Mapping[str, str]:
    """One value a key: the likeliest."""
    ordered = sorted(spans, key=lambda span: span.share)
    return {span.key: span.text for span in ordered}
