"""Several answers an input: what most of them say is the lesson, and how many agree says how sure the teacher is."""

from collections import Counter
from collections.abc import Sequence

from pipeline.contracts import Teaching
from pipeline.teaching.asker import Asker
from pipeline.teaching.lesson import Lesson, Row, Taught, answered_by, has_input, newest
from pipeline.teaching.request import Reply

ORDER = 4


def calls(teaching: Teaching, rows: int, unanswered: int) -> int:
    """k questions a row."""
    return teaching.samples * (rows if teaching.rows is None else min(rows, teaching.rows))


def tokens(teaching: Teaching, input_tokens: float, answer_tokens: float) -> tuple[float, float]:
    """As in the log."""
    return input_tokens, answer_tokens


def run(lesson: Lesson, asker: Asker) -> Taught:
    """Ask k times and keep the majority."""
    k = lesson.teaching.samples
    places = newest([place for place, row in enumerate(lesson.rows) if has_input(row)], lesson.teaching.rows)
    asked = [lesson.ask(lesson.rows[place], "samples", sample) for place in places for sample in range(k)]
    replies = asker.ask_all(asked)
    rows, shares = list(lesson.rows), []
    for number, place in enumerate(places):
        found = [reply for reply in replies[number * k : (number + 1) * k] if reply is not None]
        if found:
            rows[place] = _with_majority(lesson, rows[place], found)
            shares.append(rows[place]["sample_agreement"])
    mean = sum(shares) / len(shares) if shares else None
    return Taught(lesson.with_rows(rows), {"rows": len(shares), "samples": k, "mean_agreement": mean})


def _with_majority(lesson: Lesson, row: Row, replies: Sequence[Reply]) -> Row:
    """Of equally many the answer that came first."""
    plain = lesson.plain([reply.text for reply in replies])
    (winner, count), *_ = Counter(plain).most_common()
    reply = replies[plain.index(winner)]
    likeliest = row["top_logprobs"] if row["output_text"] == reply.text else None
    return answered_by(row, reply) | {"sample_agreement": count / len(replies), "top_logprobs": likeliest}
