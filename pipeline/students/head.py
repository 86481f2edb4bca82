"""``head``: text features into a linear classifier, with a memory and a calibrated confidence.

Trains in seconds on a CPU and answers in about a millisecond. For tasks whose answers are a closed set of labels.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analytics.embed import FloatMatrix
from analytics.errors import QualityGateFailed
from pipeline.contracts import Answer, AnswerKind
from pipeline.students import Lessons, Setup
from pipeline.students.parts.confidence import Signals, fit_confidence, signals
from pipeline.students.parts.features import Seen, fit_reader
from pipeline.students.parts.linear import Linear, fit_linear, shares
from pipeline.students.parts.memory import Memory, Neighbour, make_memory, vote
from pipeline.students.parts.store import Parts, read_parts, write_parts

ANSWERS: frozenset[AnswerKind] = frozenset({"label"})
OBJECTIVES = ("sequence",)
IGNORES_TRAINING = True
FLOORS = (1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.6)  # overlap from which the memory answers; 1: exact forms alone
CHUNK = 2_000
VOTE_WEIGHT = 0.3  # of the nearest lessons beside the classifier's scores, chosen by cross-validation
LEAST_TUNE = 30  # rows; fewer say nothing about when to trust
REFIT_BELOW = 10_000  # lessons; above, the tuning rows would cost a second fit and move the classifier no further

# Scores of another model for these texts and labels, added to the head's own; a label that it does not know counts 0.
Beside = Callable[[list[str], Sequence[str]], FloatMatrix]


@dataclass(frozen=True)
class Judged:
    """What the parts make of some texts, before a confidence is put on it."""

    answers: NDArray[np.int32]
    scores: FloatMatrix
    near: list[Neighbour]


@dataclass(frozen=True)
class Head:
    """A trained head."""

    parts: Parts
    beside: Beside | None = None
    kind: str = "head"

    def answer(self, texts: list[str]) -> list[Answer]:
        """Answers in the order of ``texts``, read in chunks so that memory stays small."""
        starts = range(0, len(texts), CHUNK)
        return [answer for start in starts for answer in self._answer(texts[start : start + CHUNK])]

    def _answer(self, texts: list[str]) -> list[Answer]:
        parts = self.parts
        others = self.beside(texts, parts.labels) if self.beside else None
        judged = judge(parts.linear, parts.memory, parts.memory_floor, parts.reader.read(texts), others)
        chances = parts.confidence.probability(_signals(judged))
        rows = zip(judged.answers, chances, judged.near, strict=True)
        return [Answer(parts.labels[label], float(chance), 1 - near.familiarity) for label, chance, near in rows]

    def save(self, folder: Path) -> None:
        """Arrays as npz, the rest as JSON; the same student gives the same bytes."""
        write_parts(folder, self.parts)


def load(folder: Path) -> Head:
    """A head as it was saved."""
    return Head(read_parts(folder))


def fit(train: Lessons, tune: Lessons, setup: Setup) -> Head:
    """Learn the answers from ``train``, then when to be trusted from ``tune``, then remember both.

    The trust is learned on rows that nothing had seen. Only after that do those rows, the newest, join the memory,
    and the classifier's lessons where these are few. The router's threshold is chosen later, on rows unseen by all.
    """
    return fit_beside(train, tune, setup)


def fit_beside(train: Lessons, tune: Lessons, setup: Setup, beside: Beside | None = None) -> Head:
    """A head as ``fit`` makes it, whose scores are added to those of a model that learned from ``train`` alone."""
    if len(tune) < LEAST_TUNE:
        raise QualityGateFailed(f"{len(tune)} rows to tune the confidence on; at least {LEAST_TUNE} are needed")
    seed = setup.seed
    first, both = train.teaching(), (train + tune).teaching()
    labels = sorted(set(both.answers))
    reader, seen = fit_reader(first.inputs, setup.features, seed)
    held, others = reader.read(tune.inputs), beside(tune.inputs, labels) if beside else None
    taught = _places(first.answers, labels)
    linear = fit_linear(seen.grams, seen.dense, taught, len(labels), seed)
    memory = make_memory(seen.forms, taught.tolist(), seen.vectors, reader.coarse_width)
    floor = _choose_floor(_score(linear, memory, held, others), tune.answers, labels)
    judged = judge(linear, memory, floor, held, others)
    is_same = [labels[place] == answer for place, answer in zip(judged.answers, tune.answers, strict=True)]
    confidence = fit_confidence(_signals(judged), is_same)
    everything, answers = _join(seen, _only(held, tune.trainable)), _places(both.answers, labels)
    if len(first) < REFIT_BELOW or set(both.answers) != set(first.answers):
        linear = fit_linear(everything.grams, everything.dense, answers, len(labels), seed)
    memory = make_memory(everything.forms, answers.tolist(), everything.vectors, reader.coarse_width)
    return Head(Parts(labels, reader, linear, memory, floor, confidence), beside)


def _choose_floor(scored: tuple[FloatMatrix, list[Neighbour]], answers: list[str], labels: list[str]) -> float:
    """The overlap from which the neighbour's answer is better than the classifier's; the strictest of equals."""
    truth = np.array([labels.index(answer) if answer in labels else -1 for answer in answers])
    scores, near = scored
    right = [int((_answers(scores, near, floor) == truth).sum()) for floor in FLOORS]
    return FLOORS[int(np.argmax(right))]


def judge(linear: Linear, memory: Memory, floor: float, seen: Seen, others: FloatMatrix | None = None) -> Judged:
    """The memory's answer where it holds nearly this input, else the classifier's."""
    scores, near = _score(linear, memory, seen, others)
    return Judged(_answers(scores, near, floor), scores, near)


def _score(
    linear: Linear, memory: Memory, seen: Seen, others: FloatMatrix | None = None
) -> tuple[FloatMatrix, list[Neighbour]]:
    """The classifier's scores with the vote of the nearest lessons added, and another model's where there is one."""
    near = memory.recall(seen.forms, seen.vectors)
    scores = linear.scores(seen.grams, seen.dense)
    scores = scores + np.float32(VOTE_WEIGHT) * vote(near, scores.shape[1])
    return (scores if others is None else scores + others), near


def _answers(scores: FloatMatrix, near: list[Neighbour], floor: float) -> NDArray[np.int32]:
    remembered = np.array([one.is_exact or one.overlap >= floor for one in near])
    chosen = np.where(remembered, [one.label for one in near], scores.argmax(axis=1))
    return chosen.astype(np.int32)


def _signals(judged: Judged) -> Signals:
    return signals(judged.scores, shares(judged.scores), judged.answers, judged.near)


def _places(answers: list[str], labels: list[str]) -> NDArray[np.int32]:
    place = {label: number for number, label in enumerate(labels)}
    return np.array([place[answer] for answer in answers], dtype=np.int32)


def _only(seen: Seen, keep: list[bool]) -> Seen:
    places = np.flatnonzero(keep)
    return Seen([seen.forms[place] for place in places], seen.grams[places], seen.dense[places], seen.vectors[places])


def _join(one: Seen, other: Seen) -> Seen:
    import scipy.sparse as sparse

    return Seen(
        one.forms + other.forms,
        sparse.vstack((one.grams, other.grams)).tocsr(),
        np.concatenate((one.dense, other.dense)),
        np.concatenate((one.vectors, other.vectors)),
    )
