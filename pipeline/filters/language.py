"""Inputs or answers in another script or language than the task's own.

The rows say what the task's language looks like: which script their letters come from, and which three-letter pieces
they are made of. A text in a script that hardly any row uses goes; so does one whose pieces are far less likely than
those of nearly all others (Cavnar and Trenkle 1994 tell languages apart by such profiles). A task of many languages
has no usual one, and nothing goes.
"""

import math
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pipeline.examples import Rows
from pipeline.filters import Scope

ORDER = 60
SCOPE: Scope = "trainable"
ENOUGH = 50  # texts; fewer have no profile
MIN_LETTERS = 20  # a shorter text is hardly in any language
RARE_SCRIPT = 0.02  # share of texts, below which a script is not the task's
OUTLYING = 3.5  # robust standard deviations below the usual likelihood
MANY = 0.1  # share of texts that would go, from which there is no usual language
MAX_CHARACTERS = 2_000


def drop(rows: Rows) -> list[str | None]:
    """Rows whose input, or free text answer, is in another script or language."""
    inputs = strange([text or "" for text in rows.inputs])
    answers = strange([text or "" for text in rows.outputs]) if rows.answer_kind == "text" else [None] * len(rows)
    return [
        f"input_{one}" if one else f"answer_{other}" if other else None
        for one, other in zip(inputs, answers, strict=True)
    ]


def strange(texts: Sequence[str]) -> list[str | None]:
    """For each text other_script, other_language or None."""
    if len(texts) < ENOUGH:
        return [None] * len(texts)
    scripts = [main_script(text[:MAX_CHARACTERS]) for text in texts]
    counts = Counter(script for script in scripts if script)
    rare = {script for script, count in counts.items() if count < RARE_SCRIPT * counts.total()}
    outlying = _outlying([text[:MAX_CHARACTERS] for text in texts])
    found = [
        "other_script" if script in rare else "other_language" if far else None
        for script, far in zip(scripts, outlying, strict=True)
    ]
    many = sum(one is not None for one in found) > MANY * len(texts)
    return [None] * len(texts) if many else found


def main_script(text: str) -> str | None:
    """The script of most letters; None without enough of them.

    >>> main_script("wo ist denn meine neue Karte")
    'LATIN'
    """
    counts = Counter(script for sign in text if (script := _script(sign)))
    if not counts or counts.total() < (MIN_LETTERS if "LATIN" in counts else 4):
        return None
    return counts.most_common(1)[0][0]


@lru_cache(maxsize=20_000)
def _script(sign: str) -> str | None:
    return unicodedata.name(sign, "").split(" ")[0].split("-")[0] if sign.isalpha() else None


def _outlying(texts: Sequence[str]) -> list[bool]:
    """Whose pieces are far less likely than usual, each text judged by the others' pieces."""
    pieces = [_pieces(text) for text in texts]
    total: Counter[str] = Counter()
    for counts in pieces:
        total.update(counts)
    size = total.total()
    known = [_likelihood(counts, total, size) for counts in pieces]
    values: NDArray[np.float64] = np.array([value for value in known if value is not None])
    if len(values) < ENOUGH:
        return [False] * len(texts)
    middle = float(np.median(values))
    spread = 1.4826 * float(np.median(np.abs(values - middle)))
    bar = middle - max(OUTLYING * spread, 0.5)
    return [value is not None and value < bar for value in known]


def _pieces(text: str) -> Counter[str]:
    words = "".join(sign if sign.isalpha() else " " for sign in text.casefold()).split()
    return Counter(f" {word} "[place : place + 3] for word in words for place in range(len(word)))


def _likelihood(counts: Counter[str], total: Counter[str], size: int) -> float | None:
    """Mean log of how often each piece comes in the other texts, one added to every count."""
    own = counts.total()
    if own < MIN_LETTERS:
        return None
    logs = (count * math.log((total[piece] - count + 1) / (size - own + len(total))) for piece, count in counts.items())
    return sum(logs) / own
