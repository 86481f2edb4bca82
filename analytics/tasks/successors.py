"""A prompt that was rewritten: one wording ends where another begins, and the answers stay the same set."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from analytics.tasks.nodes import Joins, Node

LEAST_CALLS = 50
LEAST_TIMES = 3  # that an answer must come to count
LEAST_ANSWERS = 3  # yes and no are everybody's answers
SAME_ANSWERS = 0.8  # of each side's answers that the other side gives too
OVERLAP_SHARE = 0.1  # of the shorter period: a roll-out takes a while
LONGEST_GAP = timedelta(days=14)


def join_successors(nodes: Mapping[str, Node], answers: Mapping[str, Counter[str]], joins: Joins) -> None:
    """Join system-prompt templates of one key that follow each other with the same closed set of answers."""
    answers = {key: Counter({a: n for a, n in given.items() if n >= LEAST_TIMES}) for key, given in answers.items()}
    closed = [
        node
        for key, node in sorted(nodes.items())
        if node.found_by == "template" and _is_closed(node, answers.get(key, Counter()))
    ]
    for index, one in enumerate(closed):
        for other in closed[index + 1 :]:
            if one.key_hash == other.key_hash and _follow(one, other) and _alike(answers[one.key], answers[other.key]):
                joins.join(one.key, other.key)


def _is_closed(node: Node, answers: Counter[str]) -> bool:
    return node.calls >= LEAST_CALLS and len(answers) >= LEAST_ANSWERS and answers.total() >= 0.8 * node.calls


def _follow(one: Node, other: Node) -> bool:
    (start, end), (next_start, next_end) = sorted([_period(one), _period(other)])
    shorter = min(end - start, next_end - next_start)
    return end - next_start <= OVERLAP_SHARE * shorter and next_start - end <= LONGEST_GAP


def _period(node: Node) -> tuple[datetime, datetime]:
    return node.first_at, node.last_at or node.first_at


def _alike(one: Counter[str], other: Counter[str]) -> bool:
    shared = one.keys() & other.keys()
    return all(sum(side[answer] for answer in shared) >= SAME_ANSWERS * side.total() for side in (one, other))
