"""The teacher's own answers in place of the logged ones: another teacher, or another prompt, than the log had."""

from pipeline.contracts import Teaching
from pipeline.teaching.asker import Asker
from pipeline.teaching.lesson import Lesson, Taught, ask_rows, has_answer, newest

ORDER = 2


def calls(teaching: Teaching, rows: int, unanswered: int) -> int:
    """One question a row."""
    return rows - unanswered if teaching.rows is None else min(rows - unanswered, teaching.rows)


def tokens(teaching: Teaching, input_tokens: float, answer_tokens: float) -> tuple[float, float]:
    """As in the log."""
    return input_tokens, answer_tokens


def run(lesson: Lesson, asker: Asker) -> Taught:
    """Ask again."""
    known = [place for place, row in enumerate(lesson.rows) if has_answer(row)]
    focus = set(lesson.teaching.focus)
    chosen = [place for place in known if lesson.rows[place]["call_id"] in focus]
    return ask_rows(lesson, asker, chosen if focus else newest(known, lesson.teaching.rows), "relabel")
