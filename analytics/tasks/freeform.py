"""Texts that share no wording: grouped by meaning, then by the traffic that carries them.

Meaning alone shatters an open chat into its topics. So k-means first makes small clusters of like texts; clusters
are joined where their traffic looks alike; and a classifier of words and marks then decides about each text anew,
which brings back the odd sum that a chat was asked.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from analytics.embed import embed
from analytics.tasks.traffic import LEAST_ROWS, Row, distance, doublings, form_of, profile_of
from analytics.tasks.wording import words_of
from analytics.tasks.words import Tokens, tokens_of, train

TEXTS_A_CLUSTER = 60
MOST_CLUSTERS = 30
CLUSTERED = 6000  # texts of one part that k-means sees; the others go to the nearest centre
ALIKE = 0.22  # largest divergence over the traits [bits] below which two clusters are one application
KEY_ROWS = 200  # from here on a key's texts are looked at alone
MOST_KEYS = 12
ALWAYS = 0.9  # of a unit's texts have what a program put there
HARDLY = 0.1
MASKED = ("<n>", "<date>", "<id>", "<url>", "<email>")  # differ from text to text
MOST_READ = 300  # texts of a unit that are read for marks
FOLDS = 3
ROUNDS = 3
SETTLED = 0.002  # of the texts changed their group: enough
SEED = 20261124

Labels = NDArray[np.int64]


def group_texts(rows: Sequence[Row], weak: Sequence[str | None]) -> Labels:
    """A group number for each row of ``list_texts``, the largest group first.

    weak: a short wording of the row's text, which is no proof of a task but keeps its texts together.
    """
    units = _units(rows, weak)
    groups = _join_units(rows, units)
    for _ in range(ROUNDS if groups.max() else 0):
        before, groups = groups, _decide_again(rows, groups)
        if (before != groups).mean() < SETTLED:
            break
    rank = {group: place for place, (group, _) in enumerate(Counter(groups.tolist()).most_common())}
    return np.array([rank[group] for group in groups.tolist()], dtype=np.int64)


def _units(rows: Sequence[Row], weak: Sequence[str | None]) -> Labels:
    """Small clusters of like texts of one key. Keys that call little are looked at together."""
    calls = Counter(row["key_hash"] for row in rows)
    alone = {key for key, count in calls.most_common(MOST_KEYS) if count >= KEY_ROWS}
    parts: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index, row in enumerate(rows):
        key = row["key_hash"] if row["key_hash"] in alone else ""
        parts[key, weak[index] or ""].append(index)
    units = np.zeros(len(rows), dtype=np.int64)
    count = 0
    for (_, wording), members in sorted(parts.items()):
        own = np.zeros(len(members), dtype=np.int64) if wording else _cluster([rows[i] for i in members])
        units[members] = own + count
        count += int(own.max()) + 1
    return units


def _cluster(rows: Sequence[Row]) -> Labels:
    from sklearn.cluster import KMeans

    count = min(MOST_CLUSTERS, len(rows) // TEXTS_A_CLUSTER)
    if count < 2:
        return np.zeros(len(rows), dtype=np.int64)
    vectors = embed([row["opening_head"] for row in rows])
    found: Labels = KMeans(count, n_init=2, random_state=SEED).fit(vectors[:CLUSTERED]).predict(vectors)
    return found.astype(np.int64)


def _join_units(rows: Sequence[Row], units: Labels) -> Labels:
    """Units of one key whose traffic is alike become one group; those too small to judge go to the largest."""
    members: dict[int, list[int]] = defaultdict(list)
    for index, unit in enumerate(units.tolist()):
        members[unit].append(index)
    by_key: dict[str, list[int]] = defaultdict(list)
    for unit, own in members.items():
        by_key[rows[own[0]]["key_hash"]].append(unit)
    group_of: dict[int, int] = {}
    for _, alike in sorted(by_key.items()):
        judged = [unit for unit in alike if len(members[unit]) >= LEAST_ROWS] or alike[:1]
        labels = _link([[rows[i] for i in members[unit]] for unit in judged]) + len(group_of)
        group_of.update(zip(judged, labels.tolist(), strict=True))
        largest = max(judged, key=lambda unit: len(members[unit]))
        group_of.update({unit: group_of[largest] for unit in alike if unit not in group_of})
    return np.array([group_of[unit] for unit in units.tolist()], dtype=np.int64)


def _link(units: Sequence[Sequence[Row]]) -> Labels:
    if len(units) < 2:
        return np.zeros(len(units), dtype=np.int64)
    profiles = [profile_of(rows) for rows in units]
    table = np.array([[distance(one, other) for other in profiles] for one in profiles])
    table = np.maximum(table, _marked_apart(units))
    np.fill_diagonal(table, 0.0)
    tree = linkage(squareform(table, checks=False), method="average")
    labels: Labels = fcluster(tree, t=ALIKE, criterion="distance").astype(np.int64) - 1
    return labels


def _marked_apart(units: Sequence[Sequence[Row]]) -> NDArray[np.float64]:
    """1 for units of which one has a mark in nearly all its texts that the other hardly has [units, units].

    A heading, a list of choices, a delimiter: what a program puts around an input, wherever in the text it stands.
    A topic has favourite words, but hardly marks.
    """
    shares = [_mark_shares(rows) for rows in units]
    apart = np.zeros((len(units), len(units)))
    for at, own in enumerate(shares):
        always = [mark for mark, share in own.items() if share >= ALWAYS]
        for to, other in enumerate(shares):
            if any(other.get(mark, 0.0) <= HARDLY for mark in always):
                apart[at, to] = apart[to, at] = 1.0
    return apart


def _mark_shares(rows: Sequence[Row]) -> dict[str, float]:
    """Share of the texts that have each mark of structure."""
    texts = {row["text_key"]: set(filter(_is_mark, words_of(row["opening_head"]))) for row in rows[:MOST_READ]}
    counts = Counter(mark for marks in texts.values() for mark in marks)
    return {mark: count / len(texts) for mark, count in counts.items()}


def _is_mark(word: str) -> bool:
    structured = len(word) > 2 and (word.endswith(":") or word[0] in "([{#|*")
    return structured and not any(kind in word for kind in MASKED)


def _decide_again(rows: Sequence[Row], groups: Labels) -> Labels:
    """Each row's group as a classifier sees it that was trained on other texts."""
    fold = np.array([row["text_key"] % FOLDS for row in rows])
    decided = groups.copy()
    for held in range(FOLDS):
        inside, outside = np.flatnonzero(fold != held), np.flatnonzero(fold == held)
        if len(outside) and len(set(groups[inside].tolist())) > 1:
            names = [str(group) for group in range(int(groups.max()) + 1)]
            fitted = train(learning_tokens([rows[i] for i in inside.tolist()]), groups[inside], names)
            best = fitted.scores(learning_tokens([rows[i] for i in outside.tolist()])).argmax(axis=1)
            decided[outside] = np.array([int(name) for name in fitted.nodes])[best]
    return decided


def learning_tokens(rows: Sequence[Row]) -> Tokens:
    """Words of the texts and marks of the calls, from rows of ``list_texts``."""
    columns = ("key_hash", "model", "user_hash", "answer_length", "input_tokens", "turns")
    table = {name: [row[name] for row in rows] for name in columns}
    return marked_tokens(
        pa.array([row["opening_head"] for row in rows], pa.string()), table, [form_of(row) for row in rows]
    )


def marked_tokens(texts: pa.Array, calls: dict[str, list[object]], forms: Sequence[str]) -> Tokens:
    """What the classifier reads of each call."""
    marks = [
        [f"key={key}" for key in calls["key_hash"]],
        [f"model={key}|{model}" for key, model in zip(calls["key_hash"], calls["model"], strict=True)],
        [f"user={user}" for user in calls["user_hash"]],
        [f"size={doublings(size)}" for size in calls["answer_length"]],  # type: ignore[arg-type]
        [f"input={doublings(size)}" for size in calls["input_tokens"]],  # type: ignore[arg-type]
        [f"more={(turns or 1) > 1}" for turns in calls["turns"]],  # type: ignore[operator]
        [f"form={form}" for form in forms],
    ]
    return tokens_of(texts, [pa.array(mark, pa.string()) for mark in marks])
