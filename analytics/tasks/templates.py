"""Prompt templates: what stays the same once dates, numbers, ids and addresses are masked.

Two steps. Masking makes one template of prompts that differ in such values. Merging then joins templates
that share most of their wording: another version of the same prompt, or one with a name filled in.
"""

import re
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp

SHINGLE_WORDS = 3
NEAR_JACCARD = 0.7  # of word shingles; versions of one prompt share more, different prompts far less
GENERIC_WORDS = 14
_GENERIC = re.compile(r"you are (an?|the) ([\w-]+ ){0,3}(assistant|chatbot|bot|ai|agent|model)\b[^.]*\.?")
_PURPOSE = re.compile(r"\b(that|who|which|to|and|specialis|speciali[sz]ed|answer|write|extract|classif|translat)")
PREFIX_WORDS = 8
MIN_MEMBERS = 30  # distinct texts that must share a prefix before it counts as a template

_MONTHS = (
    "jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sep(t(ember)?)?"
    "|oct(ober)?|nov(ember)?|dec(ember)?"
)
_DAYS = "(mon|tues|wednes|thurs|fri|satur|sun)day"
_MASKS = (
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"), "<email>"),
    (re.compile(r"https?://\S+"), "<url>"),
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "<id>"),
    (re.compile(r"\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}\b"), "<id>"),
    (re.compile(rf"\b({_DAYS}|{_MONTHS})\b"), "<date>"),
    (re.compile(r"\d+"), "<n>"),
    (re.compile(r"\s+"), " "),
)


def mask(text: str) -> str:
    """Lower case, white space folded, and what varies from call to call replaced by its kind.

    >>> mask("Today is Monday, 06 January 2025. Ask bob@example.com")
    'today is <date>, <n> <date> <n>. ask <email>'
    """
    masked = text.lower()
    for pattern, kind in _MASKS:
        masked = pattern.sub(kind, masked)
    return masked.strip()


def says_nothing(system_prompt: str) -> bool:
    """Is this a system prompt that any task could have, such as "You are a helpful assistant."?

    >>> says_nothing("You are a helpful assistant for the employees of our company.")
    True
    >>> says_nothing("You are an assistant that sorts mail into folders.")
    False
    """
    text = mask(system_prompt)
    return len(text.split()) <= GENERIC_WORDS and bool(_GENERIC.fullmatch(text)) and not _PURPOSE.search(text)


def merge_near(templates: Sequence[str]) -> list[int]:
    """For each template the index of the first one that it belongs with, by shared word shingles.

    Joins are transitive: each version need only be near one other. Memory is that of the pairs that share
    a shingle, so this is for distinct templates (up to about 10,000), never for calls.
    """
    count = len(templates)
    if count < 2:
        return list(range(count))
    sets = _shingle_matrix(templates)
    shared = (sets @ sets.T).tocoo()
    sizes = np.asarray(sets.sum(axis=1)).ravel()
    union = sizes[shared.row] + sizes[shared.col] - shared.data
    near = (shared.data / np.maximum(union, 1)) >= NEAR_JACCARD
    graph = sp.coo_array((np.ones(int(near.sum())), (shared.row[near], shared.col[near])), shape=(count, count))
    _, labels = sp.csgraph.connected_components(graph, directed=False)
    first: dict[int, int] = {}
    return [first.setdefault(int(label), index) for index, label in enumerate(labels)]


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


def prefix_templates(texts: Sequence[str]) -> list[str | None]:
    """For each masked, distinct text the wording that it starts with and shares with many others, or None.

    Few-shot prompts and instructions put before an input look like this when there is no system prompt.
    """
    groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
    words = [text.split() for text in texts]
    for index, own in enumerate(words):
        if len(own) > PREFIX_WORDS:
            groups[tuple(own[:PREFIX_WORDS])].append(index)
    found: list[str | None] = [None] * len(texts)
    for members in groups.values():
        if len(members) >= MIN_MEMBERS:
            template = " ".join(_common_prefix([words[index] for index in members]))
            for index in members:
                found[index] = template
    return found


def _common_prefix(texts: Sequence[Sequence[str]]) -> list[str]:
    """The longest run of first words that nine tenths of the texts share, word by word."""
    shared: list[str] = []
    left = list(texts)
    while True:
        at = len(shared)
        heads: dict[str, int] = defaultdict(int)
        for text in left:
            if len(text) > at:
                heads[text[at]] += 1
        if not heads:
            return shared
        word, count = max(heads.items(), key=lambda item: item[1])
        if count < 0.9 * len(texts):
            return shared
        shared.append(word)
        left = [text for text in left if len(text) > at and text[at] == word]
