"""Answers from a closed set: what they are, and what a model's formatting does to them.

A teacher asked for one label sometimes writes ``Category: x``, ``"x"``, ``x.`` or a code fence. Such an answer is
a failure of form: it never trains a student. When answers are compared, though, form is put aside, because
agreement asks what was meant.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

FENCE = re.compile(r"^```[a-zA-Z]*\s*(.*?)\s*```$", re.DOTALL)
LEAD_IN = re.compile(
    r"^(?:the\s+)?(?:final\s+)?(?:answer|category|label|intent|class|domain|topic|output|result)\s*(?:is)?\s*[:=]\s*",
    re.I,
)
QUOTES = {'"': '"', "'": "'", "`": "`", "“": "”", "‘": "’", "*": "*"}
LONG_NUMBER = re.compile(r"\d{5,}")
SPACES = re.compile(r"\s+")
NOT_WORD = re.compile(r"[^\w]+")


def repair_answer(answer: str) -> str:
    """The answer without code fence, lead-in, quotes and closing full stop.

    Peels one layer after another until nothing changes, since slips come nested (``Category: "x".``).
    """
    text = answer.strip()
    while (peeled := _peel(text)) != text:
        text = peeled
    return text


def _peel(text: str) -> str:
    if fenced := FENCE.match(text):
        return fenced.group(1).strip()
    text = LEAD_IN.sub("", text).strip()
    if len(text) > 1 and QUOTES.get(text[0]) == text[-1]:
        text = text[1:-1].strip()
    return text[:-1].rstrip() if text.endswith(".") and not text.endswith("..") else text


def repairs(answers: Iterable[str]) -> dict[str, str]:
    """For each distinct answer, the one it stands for.

    A peeled answer replaces the written one only when the peeled form is itself written more often: a label
    that really ends in a full stop, or is really quoted, stays as it is.
    """
    counts = Counter(answer.strip() for answer in answers)
    found = {}
    for answer in counts:
        peeled = repair_answer(answer)
        found[answer] = peeled if counts[peeled] > counts[answer] else answer
    return found


def apply_repairs(answers: Sequence[str], found: dict[str, str]) -> list[str]:
    """Answers in their plain form; one that was not seen when ``found`` was made is peeled."""
    known = set(found.values())
    return [_plain(answer.strip(), found, known) for answer in answers]


def _plain(answer: str, found: dict[str, str], known: set[str]) -> str:
    if answer in found:
        return found[answer]
    peeled = repair_answer(answer)
    return peeled if peeled in known else answer


def normalise_input(text: str) -> str:
    """Lower case words and digits, single spaces: two inputs that read the same have the same form.

    Long numbers (references, accounts) become one sign, since no answer hangs on which it is. Text without any
    word (only symbols, say) keeps its symbols, or all such inputs would look alike.
    """
    words = NOT_WORD.sub(" ", LONG_NUMBER.sub("0", text.casefold())).strip()
    return words or SPACES.sub(" ", text.strip())
