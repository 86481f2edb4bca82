"""Rows of another task that got into this task's log.

What is this task? Not what most rows are: the others may be four in five. It is what will be served, and the inputs of
the traffic after the learning periods say what that is without telling a single answer. So a cross-validated model
learns to tell the log's inputs from recent ones (Bickel, Brückner and Scheffer 2009 weigh training rows so); rows, and
answers whose rows, look like nothing that comes now are another task's (docs/decisions/0012).
"""

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from pipeline.answer_kind import list_labels
from pipeline.examples import Rows
from pipeline.filters import Scope
from pipeline.second_opinion import opinion, read_features

ORDER = 22
SCOPE: Scope = "trainable"
ENOUGH_RECENT = 100  # inputs; fewer do not show what will be served
UNLIKE = 0.1  # share of recent inputs that look less recent than a row that counts as unlike
UNLIKE_ALONE = 0.02  # the same for a row whose answer is given by rows of this task too
MAJORITY = 0.6  # share of an answer's rows that are unlike, from which the answer is another task's
ESTABLISHED = 0.2  # share of rows that must be foreign before any goes: seasons are no other task
RECENT_ROWS = 3_000
LANDMARKS = 1_024


def drop(rows: Rows) -> list[str | None]:
    """Foreign rows, where there is enough recent traffic to say what is not."""
    recent = rows.known.recent_inputs[-RECENT_ROWS:]
    if len(recent) < ENOUGH_RECENT or len(rows) < ENOUGH_RECENT:
        return [None] * len(rows)
    likeness, usual = recent_likeness(rows, recent)
    unlike = likeness < np.quantile(usual, UNLIKE)
    alone = likeness < np.quantile(usual, UNLIKE_ALONE)
    foreign = _by_answer(rows, unlike) | alone
    if foreign.mean() < ESTABLISHED:
        return [None] * len(rows)
    return ["foreign_task" if one else None for one in foreign]


def recent_likeness(rows: Rows, recent: tuple[str, ...]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How recent each row's input looks, and each recent input's own, all to a model that had not seen them."""
    texts = [*(text or "" for text in rows.inputs), *recent]
    order = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    period = ["log"] * len(rows) + ["recent"] * len(recent)
    said = opinion(
        read_features(texts, rows.known.seed, LANDMARKS), period, [order[text] for text in texts], rounds=1
    )
    scores = said.scores[:, said.labels.index("recent")]
    return scores[: len(rows)], scores[len(rows) :]


def _by_answer(rows: Rows, unlike: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Rows of an answer whose rows are mostly unlike; free text by the row alone."""
    places = defaultdict(list)
    for place, key in enumerate(_keys(rows)):
        places[key].append(place)
    foreign = np.zeros(len(rows), dtype=bool)
    for found in places.values():
        if unlike[found].mean() >= MAJORITY and len(found) >= 3:
            foreign[found] = True
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
