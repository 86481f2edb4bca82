"""Readable names without a model: the words that set a task's prompt apart from the other tasks' (c-TF-IDF).

Weight of word t in task c: tf(t, c) · log(1 + A / f(t)), with A the mean words a task and f the word's total
(Grootendorst 2022, BERTopic). The best words are shown in the order in which the prompt has them.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence

WORDS = 3
OPENING_WORDS = 60  # what a prompt is for stands at its start
STOP = frozenset(
    [
        "a",
        "about",
        "all",
        "also",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "been",
        "but",
        "by",
        "can",
        "cannot",
        "could",
        "do",
        "does",
        "each",
        "else",
        "every",
        "exactly",
        "for",
        "from",
        "give",
        "given",
        "had",
        "has",
        "have",
        "he",
        "her",
        "his",
        "how",
        "if",
        "in",
        "instead",
        "into",
        "is",
        "it",
        "its",
        "just",
        "let",
        "like",
        "may",
        "me",
        "more",
        "most",
        "must",
        "my",
        "no",
        "not",
        "nothing",
        "now",
        "of",
        "on",
        "one",
        "only",
        "or",
        "other",
        "our",
        "out",
        "own",
        "please",
        "put",
        "reply",
        "return",
        "same",
        "she",
        "should",
        "so",
        "some",
        "such",
        "than",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "to",
        "up",
        "us",
        "use",
        "using",
        "very",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "which",
        "while",
        "who",
        "will",
        "with",
        "would",
        "you",
        "your",
        "answer",
        "n",
        "date",
        "email",
        "url",
        "id",
        "text",
        "following",
        "below",
        "above",
    ]
)


def name_tasks(tasks: Sequence[tuple[str, str, Sequence[str]]]) -> list[str]:
    """A name for each (found_by, wording, sample inputs), different from the others'."""
    words = [_words(found_by, text, samples) for found_by, text, samples in tasks]
    counts = [Counter(own) for own in words]
    totals = sum(counts, Counter())
    mean_words = sum(totals.values()) / max(1, len(tasks))
    names: list[str] = []
    for (found_by, text, _), own, count in zip(tasks, words, counts, strict=True):
        named = text if found_by in ("key", "operation") else _best(own, count, totals, mean_words)
        names.append(_unused(named, names))
    return names


def _words(found_by: str, text: str, samples: Sequence[str]) -> list[str]:
    if found_by == "meaning":
        return [word for sample in samples for word in _split(sample)[:OPENING_WORDS]]
    return _split(text)[:OPENING_WORDS]


def _split(text: str) -> list[str]:
    return [word for word in re.findall(r"[^\W\d_]{2,}(?:_[^\W\d_]+)*", text.lower()) if word not in STOP]


def _best(own: list[str], count: Counter[str], totals: Counter[str], mean_words: float) -> str:
    weights = {word: tf * math.log(1 + mean_words / totals[word]) for word, tf in count.items()}
    best = sorted(weights, key=lambda word: (-weights[word], own.index(word)))[:WORDS]
    return " ".join(sorted(best, key=own.index)) or "unnamed"


def _unused(name: str, taken: Sequence[str]) -> str:
    if name not in taken:
        return name
    return next(f"{name} {number}" for number in range(2, len(taken) + 3) if f"{name} {number}" not in taken)
