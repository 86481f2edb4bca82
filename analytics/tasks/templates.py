"""Prompt templates: what stays the same once dates, numbers, ids and addresses are masked.

Two steps. Masking makes one template of prompts that differ in such values. Merging then joins templates
that share most of their wording: another version of the same prompt, or one with a name filled in; ``versions``
decides which of them are one job.
"""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

SHINGLE_WORDS = 3
NEAR_JACCARD = 0.7  # of word shingles; versions of one prompt share more, different prompts mostly less
SLOT_JACCARD = 0.4  # the same for short prompts, where one word changes three shingles
SLOT_WORDS = 3  # words that differ at most where a name or a value is filled in
SLOT_SHARE = 0.2  # of the words, at most
GENERIC_WORDS = 14
_GENERIC = re.compile(r"you are (an?|the) ([\w-]+ ){0,3}(assistant|chatbot|bot|ai|agent|model)\b[^.]*\.?")
_PURPOSE = re.compile(r"\b(that|who|which|to|and|specialis|speciali[sz]ed|answer|write|extract|classif|translat)")

_MONTHS = (
    "jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sep(t(ember)?)?"
    "|oct(ober)?|nov(ember)?|dec(ember)?"
)
_DAYS = "(mon|tues|wednes|thurs|fri|satur|sun)day"
_DIGIT = re.compile(r"\d")
_DATE_HINT = re.compile("day|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec")
# What to look for first, since most texts have none of it; then the pattern and what takes its place.
_MASKS = (
    (lambda text: "@" in text, re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"), "<email>"),
    (lambda text: "://" in text, re.compile(r"https?://\S+"), "<url>"),
    (
        _DIGIT.search,
        re.compile(
            r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"
            r"|\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}\b"
        ),
        "<id>",
    ),
    (_DATE_HINT.search, re.compile(rf"\b({_DAYS}|{_MONTHS})\b"), "<date>"),
    (_DIGIT.search, re.compile(r"\d+"), "<n>"),
)


def mask(text: str) -> str:
    """Lower case, white space folded, and what varies from call to call replaced by its kind.

    >>> mask("Today is Monday, 06 January 2025. Ask bob@example.com")
    'today is <date>, <n> <date> <n>. ask <email>'
    """
    masked = text.lower()
    for may_match, pattern, kind in _MASKS:
        if may_match(masked):
            masked = pattern.sub(kind, masked)
    return " ".join(masked.split())


def says_nothing(system_prompt: str) -> bool:
    """Is this a system prompt that any task could have, such as "You are a helpful assistant."?

    >>> says_nothing("You are a helpful assistant for the employees of our company.")
    True
    >>> says_nothing("You are an assistant that sorts mail into folders.")
    False
    """
    text = mask(system_prompt)
    return len(text.split()) <= GENERIC_WORDS and bool(_GENERIC.fullmatch(text)) and not _PURPOSE.search(text)


def near_pairs(templates: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of templates that share most of their word shingles, the nearest first; the first one before the second.

    Memory is that of the pairs that share a shingle, so this is for distinct templates (up to about 10,000),
    never for calls.
    """
    if len(templates) < 2:
        return []
    sets = _shingle_matrix(templates)
    shared = sp.triu(sets @ sets.T, k=1).tocoo()
    sizes = np.asarray(sets.sum(axis=1)).ravel()
    union = sizes[shared.row] + sizes[shared.col] - shared.data
    jaccard = shared.data / np.maximum(union, 1)
    near = np.flatnonzero(jaccard >= SLOT_JACCARD)
    slots = [
        _is_slot(templates[shared.row[at]], templates[shared.col[at]]) for at in near if jaccard[at] < NEAR_JACCARD
    ]
    near = near[(jaccard[near] >= NEAR_JACCARD) | _spread(jaccard[near] < NEAR_JACCARD, slots)]
    near = near[np.lexsort((shared.col[near], shared.row[near], -jaccard[near]))]
    return list(zip(shared.row[near].tolist(), shared.col[near].tolist(), strict=True))


def _spread(mask: NDArray[np.bool_], values: Sequence[bool]) -> NDArray[np.bool_]:
    out = np.zeros(len(mask), dtype=bool)
    out[mask] = values
    return out


def _is_slot(one: str, other: str) -> bool:
    return differing_words(one, other) <= min(SLOT_WORDS, SLOT_SHARE * len(one.split()))


def differing_words(one: str, other: str) -> int:
    """Words of the side that differs less."""
    mine, theirs = one.split(), other.split()
    shared = sum(block.size for block in SequenceMatcher(None, mine, theirs, autojunk=False).get_matching_blocks())
    return min(len(mine), len(theirs)) - shared + min(abs(len(mine) - len(theirs)), SLOT_WORDS + 1)


def _shingle_matrix(templates: Sequence[str]) -> sp.csr_array:
    known: dict[tuple[str, ...], int] = {}
    rows: list[int] = []
    columns: list[int] = []
    for row, template in enumerate(templates):
        words = template.split()
        width = min(SHINGLE_WORDS, max(1, len(words)))
        shingles = {tuple(words[i : i + width]) for i in range(len(words) - width + 1)}
        rows += [row] * len(shingles)
        columns += [known.setdefault(shingle, len(known)) for shingle in shingles]
    ones = np.ones(len(rows), dtype=np.int32)
    return sp.csr_array((ones, (rows, columns)), shape=(len(templates), max(1, len(known))))
