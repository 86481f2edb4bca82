"""Rows of another task that got into this task's log.

What is this task? Not what most rows are: the others may be four in five. It is what will be served, and the inputs of
the traffic after the learning periods say what that is without telling a single answer. So a cross-validated model
learns to tell the log's inputs from recent ones (Bickel, Brückner and Scheffer 2009 weigh training rows so); rows, and
answers whose rows, look like nothing that comes now are another task's (docs/decisions/0012).
"""

from collections import defaultdict
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.answer_kind import list_labels
from pipeline.examples import Rows
from pipeline.filters import Scope
from pipeline.second_opinion import Matrix, opinion, read_features

ORDER = 30
SCOPE: Scope = "trainable"
ENOUGH_RECENT = 100  # inputs; fewer do not show what will be served
UNLIKE = 0.1  # share of recent inputs that look less recent than a row that counts as unlike
UNLIKE_ALONE = 0.02  # the same for a row whose answer is given by rows of this task too
MAJORITY = 0.6  # share of an answer's rows that are unlike, from which the answer is another task's
MIXED = 0.25  # from which both tasks seem to give it
ESTABLISHED = 0.2  # share of rows that must be foreign before any goes: seasons are no other task
RECENT_ROWS = 3_000
LANDMARKS = 1_024

Flags = NDArray[np.bool_]


def drop(rows: Rows) -> list[str | None]:
    """Foreign rows, where there is enough recent traffic to say what is not."""
    recent = rows.known.recent_inputs[-RECENT_ROWS:]
    if len(recent) < ENOUGH_RECENT or len(rows) < ENOUGH_RECENT:
        return [None] * len(rows)
    texts = [*(text or "" for text in rows.inputs), *recent]
    features, groups = read_features(texts, rows.known.seed, LANDMARKS), _numbers(texts)
    first = _unlike_recent(features, groups, len(rows))
    foreign = _by_answer(rows, first.mostly, first.alone)
    if foreign.mean() < ESTABLISHED:
        return [None] * len(rows)
    settled = _settle(features, groups, foreign)
    return ["foreign_task" if one else None for one in _by_answer(rows, settled, settled & foreign)]


class Unlike(NamedTuple):
    """Rows that look less recent than nearly all recent inputs, by two bars."""

    mostly: Flags  # to be counted by answer
    alone: Flags  # too strange whatever the answer


def _unlike_recent(features: Matrix, groups: list[int], rows: int) -> Unlike:
    """Log against recent traffic; a model that had not seen a text says which it looks like."""
    period = ["log"] * rows + ["recent"] * (len(groups) - rows)
    said = opinion(features, period, groups, rounds=1)
    scores = said.scores[:, said.labels.index("recent")]
    likeness, usual = scores[:rows], scores[rows:]
    return Unlike(likeness < np.quantile(usual, UNLIKE), likeness < np.quantile(usual, UNLIKE_ALONE))


def _settle(features: Matrix, groups: list[int], foreign: Flags) -> Flags:
    """The same question once more, own rows and recent inputs against foreign rows, which are many more examples."""
    sides = ["foreign" if one else "own" for one in foreign] + ["own"] * (len(groups) - len(foreign))
    said = opinion(features, sides, groups, rounds=1)
    settled: Flags = said.best[: len(foreign)] == said.labels.index("foreign")
    return settled


def _numbers(texts: list[str]) -> list[int]:
    """Equal texts share a number, so that none is on both sides of a fold."""
    order = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    return [order[text] for text in texts]


def _by_answer(rows: Rows, unlike: Flags, alone: Flags) -> Flags:
    """All rows of an answer whose rows are mostly unlike; of an answer that both tasks give, those too strange."""
    places = defaultdict(list)
    for place, key in enumerate(_keys(rows)):
        places[key].append(place)
    foreign = np.zeros(len(rows), dtype=bool)
    for found in places.values():
        share = unlike[found].mean()
        if share >= MIXED:
            foreign[found] = alone[found] if share < MAJORITY or len(found) < 3 else True
    return foreign


def _keys(rows: Rows) -> list[str]:
    """What an answer has in common with others of its task: its label, its first label or its fields."""
    from analytics.answers import as_json_object

    if rows.answer_kind == "text":
        return [str(place) for place in range(len(rows))]
    if rows.answer_kind == "labels":
        return [(list_labels(label) or [""])[0] for label in rows.labels]
    if rows.answer_kind == "json":
        return [" ".join(sorted(as_json_object(label) or {})) for label in rows.labels]
    return rows.labels
