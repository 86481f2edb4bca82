"""What a student could do, tried on the sample before anyone trains one.

Three questions, one kernel (analytics/narrowness_kernel.py): how often is each request answered as the teacher did when
all others teach; how does that grow with the number of lessons; and does what was learned from the older requests
still hold for the newest?
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from analytics.contracts import Interval
from analytics.embed import FloatMatrix
from analytics.labels import normalise_input
from analytics.narrowness_features import likeness
from analytics.narrowness_kernel import Guess, encode, inverse, learn_and_ask, leave_one_out
from analytics.semantic_cache import CacheTrial, try_cache
from analytics.statistics import wilson

NEWEST_SHARE = 0.2
LEAST_REQUESTS = 100  # distinct ones, before a stand-in is believed
MOST_REQUESTS = 2_000  # time grows with their cube; chosen evenly over time
RUNG_PARTS = (2, 4, 8)  # the sample is also learned from in halves, quarters and eighths
LEAST_RUNG = 25
MOST_BLOCKS = 4  # blocks tried a rung
MOST_ASKED = 1_500
DRIFT_SIGMAS = 2.5
SEED = 20261124

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Rung:
    """One step of the learning curve."""

    lessons: int
    agreement: float


@dataclass(frozen=True)
class Trial:
    """What the stand-ins did on distinct requests."""

    new_rows: int  # requests behind ``right``
    neighbour: Interval | None  # newest requests whose nearest earlier one has the same answer
    answer_novelty: float | None  # newest requests with an answer never given before
    right: NDArray[np.bool_]  # each request, answered from all the others
    confidence: NDArray[np.float64]
    rungs: tuple[Rung, ...] = ()  # most lessons first
    drop: float = 0.0  # agreement lost by the newest requests because they are newer, where that is beyond chance
    field_right: dict[str, NDArray[np.bool_]] = field(default_factory=dict)  # the same as ``right``, key by key
    newest_distance: NDArray[np.float64] | None = None  # to the nearest earlier request
    usual_distance: NDArray[np.float64] | None = None  # the same for earlier requests among themselves
    cache: CacheTrial | None = None  # what a cache of alike requests would do


UNTRIED = Trial(0, None, None, np.zeros(0, dtype=bool), np.zeros(0))


@dataclass(frozen=True)
class _Asked:
    """The distinct requests of the trial, oldest first, and how alike they are."""

    places: list[int]  # in the sample
    kernel: FloatMatrix
    cosines: FloatMatrix
    old: Rows
    new: Rows


def try_out(inputs: Sequence[str], answers: Sequence[str], fields: Mapping[str, Sequence[str]] | None = None) -> Trial:
    """On distinct requests, oldest first; those that read the same but for case, spacing or a long number count once.

    fields: further answers to the same requests, one list a key, each tried on its own.
    """
    plain = [normalise_input(text) for text in inputs]
    first = list({text: place for place, text in reversed(list(enumerate(plain)))}.values())[::-1]
    if len(first) < LEAST_REQUESTS:
        return UNTRIED
    evenly = np.linspace(0, len(first) - 1, min(len(first), MOST_REQUESTS)).round().astype(int)
    asked = _read([first[at] for at in evenly], plain)
    inverted = inverse(asked.kernel)
    codes, classes = encode([answers[place] for place in asked.places])
    whole = _left_out(inverted, asked, codes, classes)
    rungs, drop = _curve(asked, codes, classes, whole) if classes > 1 else ((), 0.0)
    return Trial(
        new_rows=len(codes),
        neighbour=wilson(int(_same_as_nearest(asked, codes).sum()), len(asked.new)),
        answer_novelty=_answer_novelty([answers[place] for place in first]),
        right=whole.right,
        confidence=whole.margin,
        rungs=rungs,
        drop=drop,
        field_right={name: _field(inverted, asked, values) for name, values in (fields or {}).items()},
        newest_distance=_distance(asked.cosines, asked.old, asked.new),
        usual_distance=_distance(asked.cosines, asked.old, asked.old),
        cache=try_cache(asked.cosines, codes) if classes > 1 else None,
    )


def _read(places: list[int], plain: Sequence[str]) -> _Asked:
    kernel, cosines = likeness([plain[place] for place in places])
    cut = int(len(places) * (1 - NEWEST_SHARE))
    return _Asked(places, kernel, cosines, np.arange(cut), np.arange(cut, len(places)))


def _left_out(inverted: FloatMatrix, asked: _Asked, codes: Rows, classes: int) -> Guess:
    """Each request answered from all others; where one answer alone comes back, by that one."""
    if classes > 1:
        return leave_one_out(inverted, asked.cosines, codes, classes)
    return Guess(codes == 0, np.zeros(len(codes)))


def _field(inverted: FloatMatrix, asked: _Asked, values: Sequence[str]) -> NDArray[np.bool_]:
    codes, classes = encode([values[place] for place in asked.places])
    return _left_out(inverted, asked, codes, classes).right


def _curve(asked: _Asked, codes: Rows, classes: int, whole: Guess) -> tuple[tuple[Rung, ...], float]:
    """The learning curve, and what the newest requests lose by being newer."""
    rungs = (Rung(len(codes), float(whole.right.mean())), *_rungs(asked, codes, classes))
    late = learn_and_ask(asked.kernel, asked.cosines, codes, classes, asked.old, asked.new).right
    return rungs, _drop(whole.right[asked.old], late, rungs)


def _answer_novelty(answers: Sequence[str]) -> float:
    cut = int(len(answers) * (1 - NEWEST_SHARE))
    known = set(answers[:cut])
    return sum(answer not in known for answer in answers[cut:]) / len(answers[cut:])


def _same_as_nearest(asked: _Asked, codes: Rows) -> NDArray[np.bool_]:
    nearest = asked.old[asked.kernel[np.ix_(asked.new, asked.old)].argmax(axis=1)]
    same: NDArray[np.bool_] = (codes[nearest] == codes[asked.new]) & (codes[asked.new] >= 0)
    return same


def _distance(cosines: FloatMatrix, known: Rows, asked: Rows) -> NDArray[np.float64]:
    """1 - cosine to the nearest known request other than itself."""
    likest = cosines[np.ix_(asked, known)]
    likest[asked[:, None] == known[None, :]] = -1
    distance: NDArray[np.float64] = (1 - likest.max(axis=1)).astype(np.float64)
    return distance


def _rungs(asked: _Asked, codes: Rows, classes: int) -> list[Rung]:
    """Agreement from fewer lessons, the mean over disjoint blocks of them."""
    order = np.random.default_rng(SEED).permutation(len(codes))
    found = []
    for parts in RUNG_PARTS:
        size = len(codes) // parts
        if size < LEAST_RUNG:
            break
        blocks = [slice(start * size, (start + 1) * size) for start in range(min(parts, MOST_BLOCKS))]
        tried = [_block(asked, codes, classes, order[block], np.delete(order, block)[:MOST_ASKED]) for block in blocks]
        found.append(Rung(size, float(np.mean(tried))))
    return found


def _block(asked: _Asked, codes: Rows, classes: int, taught: Rows, others: Rows) -> float:
    return float(learn_and_ask(asked.kernel, asked.cosines, codes, classes, taught, others).right.mean())


def _drop(usual: NDArray[np.bool_], late: NDArray[np.bool_], rungs: tuple[Rung, ...]) -> float:
    """How much less the newest requests follow from the older ones than these from each other, lessons allowed for.

    Nothing unless it is two and a half standard errors above zero, or every task would lose a little to noise.
    """
    fewer = (rungs[0].agreement - rungs[1].agreement) * -np.log2(1 - NEWEST_SHARE) if len(rungs) > 1 else 0.0
    excess = float(usual.mean() - late.mean()) - max(fewer, 0.0)
    both = np.concatenate([usual, late]).mean()
    error = np.sqrt(both * (1 - both) * (1 / len(usual) + 1 / len(late)))
    return excess if excess > DRIFT_SIGMAS * error else 0.0
