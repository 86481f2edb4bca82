"""Answers for inputs that have none."""

from pipeline.contracts import Teaching
from pipeline.teaching.asker import Asker
from pipeline.teaching.lesson import Lesson, Taught, ask_rows, has_answer, has_input, newest

ORDER = 1


def calls(teaching: Teaching, rows: int, unanswered: int) -> int:
    """One question an input without an answer."""
    return unanswered if teaching.rows is None else min(unanswered, teaching.rows)


def tokens(teaching: Teaching, input_tokens: float, answer_tokens: float) -> tuple[float, float]:
    """As in the log."""
    return input_tokens, answer_tokens


def run(lesson: Lesson, asker: Asker) -> Taught:
    """Ask for what is missing; where the plan names calls, only for theirs."""
    focus = set(lesson.teaching.focus)
    open_ = [
        place
        for place, row in enumerate(lesson.rows)
        if has_input(row) and not has_answer(row) and (not focus or row["call_id"] in focus)
    ]
    return ask_rows(lesson, asker, newest(open_, lesson.teaching.rows), "label")
