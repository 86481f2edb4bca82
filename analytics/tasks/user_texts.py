"""Texts without a telling system prompt: a shared wording first, then meaning and traffic."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from analytics.tasks.draft import Draft
from analytics.tasks.freeform import group_texts, learning_tokens
from analytics.tasks.model import KnownWording, TaskModel
from analytics.tasks.templates import mask
from analytics.tasks.traffic import answers_contradict, distance, profile_of
from analytics.tasks.wording import SHORT_END, Wording, WordingIndex, Words, find_wordings, words_of
from analytics.tasks.words import WordClassifier, train

Row = Mapping[str, Any]

STRONG_WORDS = 8  # of a wording that is a task by itself; a shorter one only keeps its texts together
END_WORDS = 40  # of a text's end that are compared
SIBLINGS = 5  # wordings that differ in an insert alone are this many at least
ALIKE = 0.2  # bits
COVERED = 0.9  # of a system prompt's texts that instructions in the user's text must make up
LEAST_SHARE = 0.05  # of them that one instruction must have
LEAST_TEXTS = 60
LEAST_NEW = 30  # texts that a new application must have sent to get a node of its own
NEARLY_ALL_NEW = 0.8  # of a group's texts must be new for it to be a new application and not a new opinion
LEARN_AGAIN = 0.2  # of the free-form texts would be elsewhere: from here on the old grouping is given up


def place_texts(draft: Draft, scopes: Mapping[str, Sequence[Row]]) -> None:
    """Give each sampled text of each scope a node."""
    free: list[Row] = []
    weak: list[str | None] = []
    known = set(draft.model.nodes)
    for scope, rows in sorted(scopes.items()):
        for row, wording in zip(rows, _wordings(draft, scope, rows), strict=True):
            if wording is not None and _is_strong(wording):
                name = _wording_node(draft, scope, wording, row)
                draft.rows[name].append(row)
            else:
                free.append({**row, "key_hash": f"{scope}|{row['key_hash']}"})
                weak.append(wording.text if wording else None)
        _join_siblings(draft, scope, known)
    if free:
        _keep_free(draft, free, _group(draft, free, weak))


def _wordings(draft: Draft, scope: str, rows: Sequence[Row]) -> list[Wording | None]:
    """The wording of each row: a known one, else one that many of the new texts share."""
    starts = [words_of(row["opening_head"]) for row in rows]
    ends = [words_of(row["opening_tail"])[-END_WORDS:] for row in rows]
    known = [one for one in draft.model.user_wordings if one.scope == scope]
    index = WordingIndex([Wording(one.first, one.last, one.first[:STRONG_WORDS]) for one in known])
    found: list[Wording | None] = []
    for start, end in zip(starts, ends, strict=True):
        place = index.find(start, end)
        found.append(None if place is None else index.wordings[place])
    rest: dict[tuple[Words, Words], list[int]] = defaultdict(list)
    for at, wording in enumerate(found):
        if wording is None:
            rest[starts[at], ends[at]].append(at)
    fresh = find_wordings([start for start, _ in rest], [end for _, end in rest])
    members: dict[Wording, list[int]] = defaultdict(list)
    for wording, places in zip(fresh, rest.values(), strict=True):
        if wording is not None:
            members[wording] += places
    for wording, places in members.items():
        if is_new(draft.model, [rows[at] for at in places]):
            for at in places:
                found[at] = wording
    return found


def is_new(model: TaskModel, rows: Sequence[Row]) -> bool:
    """Did nearly all of these texts come after what the model was learned from? Always so for the first model."""
    new = sum(1 for row in rows if row["first_at"].isoformat() > model.seen_until)
    return new >= NEARLY_ALL_NEW * len(rows)


def _is_strong(wording: Wording) -> bool:
    return len(wording.first) + len(wording.last) >= STRONG_WORDS


def _wording_node(draft: Draft, scope: str, wording: Wording, row: Row) -> str:
    node = draft.node(f"user:{scope}:{wording.text}", "user-template", wording.text, row)
    known = KnownWording(scope, wording.first, wording.last, node.node_id)
    if known not in draft.model.user_wordings:
        draft.model.user_wordings.append(known)
    return node.node_id


def _join_siblings(draft: Draft, scope: str, before: set[str]) -> None:
    """Wordings that are one instruction with a long insert: many, with one start or one end, and like traffic."""
    families: dict[Words, list[str]] = defaultdict(list)
    for known in draft.model.user_wordings:
        if known.scope == scope and draft.rows[known.node_id]:
            families[known.first[:STRONG_WORDS]].append(known.node_id)
            families[_common_end(draft.rows[known.node_id])].append(known.node_id)
    for shared, members in families.items():
        if len(shared) >= SHORT_END and len(members) >= SIBLINGS:
            for one, other in combinations(members, 2):
                if not before >= {one, other} and _is_alike(draft, one, other):
                    draft.joins.join(one, other)


def _is_alike(draft: Draft, one: str, other: str) -> bool:
    mine, theirs = draft.profile(one), draft.profile(other)
    return distance(mine, theirs) <= ALIKE and not answers_contradict(mine, theirs)


def _common_end(rows: Sequence[Row]) -> Words:
    ends = [words_of(row["opening_tail"])[-SHORT_END:] for row in rows]
    end, count = Counter(ends).most_common(1)[0]
    return end if count >= COVERED * len(ends) else ()


def _group(draft: Draft, free: Sequence[Row], weak: Sequence[str | None]) -> list[str]:
    """A node for each free-form text. Texts that a model knows stay where they are, unless much of it is outdated."""
    groups: list[int] = group_texts(free, weak).tolist()
    before = _place(draft.model, free) if draft.model.classifier.nodes else []
    owners = _owners(groups, before)
    apart = {group for group in set(groups) if group not in owners.values()}
    rows_of = {group: [row for row, own in zip(free, groups, strict=True) if own == group] for group in set(groups)}
    new = {group for group in apart if len(rows_of[group]) >= LEAST_NEW and is_new(draft.model, rows_of[group])}
    moved = sum(owners.get(old) != group and group not in new for old, group in zip(before, groups, strict=False))
    adopted = set(groups) if not before or moved > LEARN_AGAIN * len(free) else new
    if not adopted:
        return before
    names = {group: old for old, group in owners.items() if group in adopted}
    names |= {group: _meaning_node(draft, rows_of[group]) for group in sorted(adopted - set(names))}
    nodes = [names[group] if group in adopted else before[at] for at, group in enumerate(groups)]
    _train(draft.model, free, nodes)
    return nodes


def _owners(groups: Sequence[int], before: Sequence[str]) -> dict[str, int]:
    """For each node of an earlier model the group that holds most of its texts; a group has one node."""
    shared = Counter(zip(before, groups, strict=False))
    owners: dict[str, int] = {}
    for (old, group), _ in shared.most_common():
        if old not in owners and group not in owners.values():
            owners[old] = group
    return owners


def _train(model: TaskModel, free: Sequence[Row], nodes: Sequence[str]) -> None:
    labels = sorted(set(nodes))
    place = {name: at for at, name in enumerate(labels)}
    model.frames = {}
    if len(labels) > 1:
        model.classifier = train(learning_tokens(free), np.array([place[name] for name in nodes]), labels)
    else:
        model.classifier = WordClassifier(tuple(labels))


def _meaning_node(draft: Draft, rows: Sequence[Row]) -> str:
    first = min(rows, key=lambda row: (row["first_at"], row["text_key"]))
    node = draft.node(
        f"meaning:{first['key_hash']}:{mask(first['opening_head'])}",
        "meaning",
        mask(first["opening_head"]),
        {**first, "calls": 0},
    )
    return node.node_id


def _place(model: TaskModel, free: Sequence[Row]) -> list[str]:
    """Nodes of free-form texts by the model's classifier, among those that their scope and key have."""
    return choose(model, free, learning_tokens(free))


def choose(model: TaskModel, rows: Sequence[Row], tokens: Any) -> list[str]:
    """The likeliest node of each row among those of its frame."""
    nodes = model.classifier.nodes
    if len(nodes) < 2:
        return [nodes[0] if nodes else "" for _ in rows]
    scores = model.classifier.scores(tokens)
    place = {name: at for at, name in enumerate(nodes)}
    for frame, allowed in model.frames.items():
        here = [at for at, row in enumerate(rows) if row["key_hash"] == frame]
        out = [at for name, at in place.items() if name not in allowed]
        if here and len(out) < len(nodes):
            scores[[[at] for at in here], out] = float("-inf")
    return [nodes[at] for at in scores.argmax(axis=1)]


def _keep_free(draft: Draft, free: Sequence[Row], nodes: Sequence[str]) -> None:
    frames: dict[str, Counter[str]] = defaultdict(Counter)
    for row, name in zip(free, nodes, strict=True):
        known = draft.model.nodes[name]
        draft.node(known.key, known.found_by, known.text, row)
        draft.rows[name].append({**row, "key_hash": row["key_hash"].rsplit("|", 1)[1]})
        frames[row["key_hash"]][name] += 1
    for frame, counts in frames.items():
        often = [name for name, count in counts.items() if count >= 0.005 * counts.total()]
        draft.model.frames[frame] = sorted({*draft.model.frames.get(frame, []), *often})


def instructions_decide(draft: Draft, rows: Sequence[Row]) -> bool:
    """Is a system prompt shared by several jobs, each with its instruction in the user's text?"""
    if len({row["text_key"] for row in rows}) < LEAST_TEXTS:
        return False
    starts = [words_of(row["opening_head"]) for row in rows]
    ends = [words_of(row["opening_tail"])[-END_WORDS:] for row in rows]
    groups: dict[Wording, list[Row]] = defaultdict(list)
    for row, wording in zip(rows, find_wordings(starts, ends), strict=True):
        if wording is not None and _is_strong(wording):
            groups[wording].append(row)
    large = [own for own in groups.values() if len(own) >= LEAST_SHARE * len(rows)]
    if len(large) < 2 or sum(map(len, large)) < COVERED * len(rows):
        return False
    profiles = [profile_of(own) for own in large]
    return any(answers_contradict(one, other) for one, other in combinations(profiles, 2))
