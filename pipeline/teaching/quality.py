"""Is the teacher worth learning from? Asked on a few rows before anything else is paid for."""

import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from analytics.contracts import Interval
from analytics.errors import QualityGateFailed
from analytics.statistics import wilson
from pipeline.groups import SIMILAR, piece_set
from pipeline.teaching.asker import Asker
from pipeline.teaching.lesson import Lesson, Row, has_input

GOLD_ROWS, OWN_ROWS, OWN_SAMPLES = 100, 40, 3


@dataclass(frozen=True)
class TeacherQuality:
    """How good the teacher is, and against what."""

    value: float
    low: float
    high: float
    n: int
    against: str  # gold, or itself

    def as_json(self) -> dict[str, object]:
        """For the stage's detail."""
        return asdict(self)


def check_teacher(lesson: Lesson, asker: Asker) -> TeacherQuality | None:
    """On gold, or against itself where there is none. Raises QualityGateFailed below the plan's least accuracy."""
    asked = [row for row in lesson.rows if has_input(row)]
    gold = [row for row in asked if row["gold"]]
    found = _on_gold(lesson, asker, gold) if gold else _against_itself(lesson, asker, asked)
    least = lesson.teaching.least_accuracy
    if found is not None and found.value < least:
        what = "the known answers" if gold else "its own answers to the same inputs"
        raise QualityGateFailed(
            f"{lesson.teaching.model} agrees with {what} in {found.value:.1%} of {found.n} rows "
            f"({found.low:.1%} to {found.high:.1%}), below the least accuracy of {least:.0%}: "
            "its students would learn its mistakes"
        )
    return found


def _sample(lesson: Lesson, rows: Sequence[Row], count: int) -> list[Row]:
    return list(rows) if len(rows) <= count else random.Random(lesson.spec.seed).sample(list(rows), count)


def _on_gold(lesson: Lesson, asker: Asker, rows: Sequence[Row]) -> TeacherQuality | None:
    """The very questions that label and relabel ask, so that their answers are paid for once."""
    chosen = _sample(lesson, rows, GOLD_ROWS)
    replies = asker.ask_all([lesson.ask(row, "quality") for row in chosen])
    pairs = [(reply.text, row["gold"]) for row, reply in zip(chosen, replies, strict=True) if reply is not None]
    right = sum(_same(lesson, said, gold) for said, gold in pairs)
    return _quality(wilson(right, len(pairs)), "gold")


def _against_itself(lesson: Lesson, asker: Asker, rows: Sequence[Row]) -> TeacherQuality | None:
    chosen = _sample(lesson, rows, OWN_ROWS)
    replies = asker.ask_all([lesson.ask(row, "quality", sample) for row in chosen for sample in range(OWN_SAMPLES)])
    same = count = 0
    for number in range(len(chosen)):
        first, *others = replies[number * OWN_SAMPLES : (number + 1) * OWN_SAMPLES]
        if first is not None and others and all(others):
            count += 1
            same += all(_same(lesson, first.text, other.text) for other in others if other is not None)
    return _quality(wilson(same, count), "itself")


def _same(lesson: Lesson, one: str, other: str) -> bool:
    """Equal plain forms; of free text, mostly the same three-letter pieces."""
    first, second = lesson.plain([one, other])
    if lesson.wording.answer_kind != "text" or first == second:
        return first == second
    mine, theirs = piece_set(first.lower()), piece_set(second.lower())
    return len(mine & theirs) / len(mine | theirs) >= SIMILAR


def _quality(found: Interval | None, against: str) -> TeacherQuality | None:
    if found is None:
        return None
    return TeacherQuality(found.value, found.low, found.high, found.n or 0, against)
