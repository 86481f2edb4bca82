"""Which prompts are one job: versions that follow each other, slots filled in, translations.

Two prompts that share most words may still do two jobs under one policy text. What tells is the traffic: versions
follow each other in time, variants of one job are asked the same things and answer alike, and two jobs run side by
side with answers of their own.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from analytics.tasks.draft import Draft
from analytics.tasks.model import Node
from analytics.tasks.templates import SLOT_WORDS, differing_words, near_pairs
from analytics.tasks.traffic import answers_contradict, closed_answers, distance, shared_mass

LEAST_CALLS = 50
FEW_CALLS = 30  # below which a near variant needs no further proof
LEAST_ANSWERS = 3  # yes and no are everybody's answers
SAME_ANSWERS = 0.8  # of each side's answers that the other side gives too
OVERLAP_SHARE = 0.1  # of the shorter period: a roll-out takes a while
LONGEST_GAP = timedelta(days=14)
SAME_TEXTS = 0.3  # of the side with fewer sampled texts, asked on both sides
SOME_TEXTS = 0.1  # enough where the answers are one closed set as well
LEAST_TEXTS = 10
ALIKE = 0.2  # bits
MOST_COMPARED = 400  # nodes of one key that are compared with each other, those with most calls


def join_versions(draft: Draft, fresh: set[str]) -> None:
    """Join wordings that are one job. fresh: nodes new to this model; two known ones keep what was decided."""
    nodes = [node for name, node in draft.model.nodes.items() if node.found_by in ("template", "user-template")]
    by_frame: dict[str, list[Node]] = defaultdict(list)
    for node in sorted(nodes, key=lambda node: (node.first_at, node.key)):
        by_frame[_frame(node)].append(node)
    for alike in by_frame.values():
        _join_near(draft, alike, fresh)
    _join_rewritten(draft, nodes, fresh)


def _join_near(draft: Draft, nodes: Sequence[Node], fresh: set[str]) -> None:
    """Near wordings. One that is hardly called follows its nearest neighbour alone, so it bridges no two jobs."""
    placed: set[str] = set()
    for at, to in near_pairs([node.text for node in nodes]):
        one, other = nodes[at], nodes[to]
        if not {one.node_id, other.node_id} & fresh:
            continue
        few = {node.node_id for node in (one, other) if node.calls < FEW_CALLS}
        if (few <= placed and few) or not near_is_same(draft, one, other):
            continue
        placed |= few
        draft.joins.join(one.node_id, other.node_id)


def _frame(node: Node) -> str:
    kind, frame = node.key.split(":", 1)
    return f"{'user' if kind == 'user' else 'system'}:{frame.removesuffix(node.text)}"


def near_is_same(draft: Draft, one: Node, other: Node) -> bool:
    """Are two prompts that share most words versions or variants of one job?"""
    if min(one.calls, other.calls) < FEW_CALLS:
        return True
    if answers_contradict(draft.profile(one.node_id), draft.profile(other.node_id)):
        return False
    return follow(one, other) or differing_words(one.text, other.text) <= SLOT_WORDS or same_texts(draft, one, other)


def _join_rewritten(draft: Draft, nodes: Sequence[Node], fresh: set[str]) -> None:
    """Prompts of one key that share no wording and yet are one job."""
    by_key: dict[str, list[Node]] = defaultdict(list)
    for node in sorted(nodes, key=lambda node: -node.calls):
        if node.calls >= LEAST_CALLS and len(by_key[draft.key_of(node.node_id)]) < MOST_COMPARED:
            by_key[draft.key_of(node.node_id)].append(node)
    for own in by_key.values():
        for index, one in enumerate(own):
            for other in own[index + 1 :]:
                if {one.node_id, other.node_id} & fresh and _is_rewritten(draft, one, other):
                    draft.joins.join(one.node_id, other.node_id)


def _is_rewritten(draft: Draft, one: Node, other: Node) -> bool:
    mine, theirs = (draft.profile(node.node_id) for node in (one, other))
    if answers_contradict(mine, theirs) or distance(mine, theirs, ("form",)) > ALIKE:
        return False
    if follow(one, other):
        return same_answers(draft, one, other) or (
            distance(mine, theirs, ("size", "turns")) <= ALIKE and same_texts(draft, one, other)
        )
    return same_answers(draft, one, other) and same_texts(draft, one, other, SOME_TEXTS)


def same_answers(draft: Draft, one: Node, other: Node) -> bool:
    """Do both give the same closed set of answers?"""
    mine, theirs = (closed_answers(draft.profile(node.node_id)) for node in (one, other))
    return min(len(mine), len(theirs)) >= LEAST_ANSWERS and shared_mass(mine, theirs) >= SAME_ANSWERS


def same_texts(draft: Draft, one: Node, other: Node, share: float = SAME_TEXTS) -> bool:
    """Are both asked the same texts? Samples keep the lowest hashes, so what lies below both bounds can be compared."""
    mine, theirs = ({row["text_key"] for row in draft.rows[node.node_id]} for node in (one, other))
    if not mine or not theirs:
        return False
    bound = min(max(mine), max(theirs))
    mine, theirs = ({key for key in keys if key <= bound} for keys in (mine, theirs))
    fewer = min(len(mine), len(theirs))
    return len(mine & theirs) >= max(LEAST_TEXTS, share * fewer)


def follow(one: Node, other: Node) -> bool:
    """Does one end where the other begins?"""
    (start, end), (next_start, next_end) = sorted([_period(one), _period(other)])
    shorter = min(end - start, next_end - next_start)
    return end - next_start <= OVERLAP_SHARE * shorter and next_start - end <= LONGEST_GAP


def _period(node: Node) -> tuple[datetime, datetime]:
    return node.first_at, node.last_at
