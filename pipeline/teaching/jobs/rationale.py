"""Why each answer is right, for students that learn from reasons as well."""

from pipeline.contracts import Teaching
from pipeline.teaching.asker import Asker
from pipeline.teaching.lesson import Lesson, Taught, has_answer, newest
from pipeline.teaching.prompts import WHY_TOKENS, rationale_request

ORDER = 6


def calls(teaching: Teaching, rows: int, unanswered: int) -> int:
    """One question a row with an answer."""
    known = rows if "label" in teaching.jobs else rows - unanswered
    return known if teaching.rows is None else min(known, teaching.rows)


def tokens(teaching: Teaching, input_tokens: float, answer_tokens: float) -> tuple[float, float]:
    """Input and answer, and a few sentences back."""
    return input_tokens + answer_tokens + 50, WHY_TOKENS / 2


def run(lesson: Lesson, asker: Asker) -> Taught:
    """Ask for reasons."""
    places = newest([place for place, row in enumerate(lesson.rows) if has_answer(row)], lesson.teaching.rows)
    rows = list(lesson.rows)
    asked = [
        rationale_request(row["input_text"], row["output_text"], row["system_prompt"])
        for row in map(rows.__getitem__, places)
    ]
    replies = asker.ask_all(asked)
    for place, reply in zip(places, replies, strict=True):
        if reply is not None:
            rows[place] = rows[place] | {"rationale": reply.text.strip()}
    return Taught(
        lesson.with_rows(rows), {"asked": len(places), "answered": sum(reply is not None for reply in replies)}
    )
