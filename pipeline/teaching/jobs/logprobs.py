"""How likely the teacher found each token of its answer and of the runners-up: a student can learn from the doubt too.

The probabilities belong to the answer that they came with, so the row takes that answer. Asked together with relabel,
both share one call.
"""

from pipeline.contracts import Teaching
from pipeline.teaching.asker import Asker
from pipeline.teaching.lesson import Lesson, Taught, ask_rows, has_answer, newest

ORDER = 3


def calls(teaching: Teaching, rows: int, unanswered: int) -> int:
    """One question a row, unless relabel or label has asked it already."""
    if {"relabel", "label"} <= set(teaching.jobs):
        return 0
    known = 0 if "relabel" in teaching.jobs else rows - unanswered
    return known if teaching.rows is None else min(known, teaching.rows)


def tokens(teaching: Teaching, input_tokens: float, answer_tokens: float) -> tuple[float, float]:
    """As in the log."""
    return input_tokens, answer_tokens


def run(lesson: Lesson, asker: Asker) -> Taught:
    """Ask for probabilities."""
    known = [place for place, row in enumerate(lesson.rows) if has_answer(row) and row["role"] != "synthetic"]
    taught = ask_rows(lesson, asker, newest(known, lesson.teaching.rows), "logprobs")
    having = sum(row["top_logprobs"] is not None for row in taught.lesson.rows)
    return Taught(taught.lesson, taught.detail | {"with_logprobs": having})
