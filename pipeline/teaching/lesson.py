"""The rows that jobs work on: the examples, and what is known of the task before anyone is asked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from pipeline.answer_kind import find_kind, plain_forms
from pipeline.contracts import AnswerKind, PlanSpec, Teaching
from pipeline.examples import EXAMPLES
from pipeline.teaching.asker import Asker
from pipeline.teaching.prompts import Wording, answer_request, instruction
from pipeline.teaching.request import Reply, Request
from pipeline.teaching.tokens import count_tokens

LENGTHS_READ = 200  # answers whose length says how long the teacher's will be
Row = dict[str, Any]


@dataclass(frozen=True)
class Lesson:
    """Rows as a job gets and returns them, oldest first."""

    spec: PlanSpec
    teaching: Teaching
    rows: tuple[Row, ...]
    wording: Wording

    def with_rows(self, rows: Sequence[Row]) -> "Lesson":
        """The same lesson over other rows."""
        return replace(self, rows=tuple(rows))

    def ask(self, row: Row, job: str, sample: int | None = None) -> Request:
        """The task itself, put to the teacher."""
        return answer_request(self.teaching, self.wording, row["input_text"], row["system_prompt"], job, sample)

    def plain(self, answers: Sequence[str]) -> list[str]:
        """Answers as they are compared."""
        return plain_forms(answers, self.wording.answer_kind, answers)

    def table(self) -> pa.Table:
        """In the columns of the contract."""
        return pa.Table.from_pylist(list(self.rows), schema=EXAMPLES)


@dataclass(frozen=True)
class Taught:
    """What a job made of a lesson."""

    lesson: Lesson
    detail: dict[str, object]


def lesson_of(spec: PlanSpec, teaching: Teaching, table: pa.Table) -> Lesson:
    """The lesson of a table of examples."""
    rows = table.to_pylist()
    answered = [row for row in rows if has_answer(row)]
    answers = [row["output_text"] for row in answered]
    kind: AnswerKind = find_kind(answers) if answers else "text"
    lengths = [count_tokens(answer) for answer in answers[:LENGTHS_READ]]
    expected = round(sum(lengths) / len(lengths)) + 1 if lengths else teaching.max_output_tokens // 2
    text = None
    if answered and any(not row["system_prompt"] for row in rows):
        text = instruction([(row["input_text"], row["output_text"]) for row in answered], kind)
    return Lesson(spec, teaching, tuple(rows), Wording(text, kind, expected))


def has_input(row: Row) -> bool:
    """Whether there is something to ask."""
    return bool(row["input_text"] and row["input_text"].strip())


def has_answer(row: Row) -> bool:
    """Whether the row has both sides."""
    return has_input(row) and bool(row["output_text"] and row["output_text"].strip())


def newest(places: Sequence[int], rows: int | None) -> list[int]:
    """The newest of these places, as many as the plan pays for."""
    return list(places if rows is None else places[max(0, len(places) - rows) :])


def answered_by(row: Row, reply: Reply) -> Row:
    """The row with the teacher's answer in place of what it had."""
    is_cut = reply.finish_reason == "length"
    right = {"status": "success", "error_class": None, "is_truncated": is_cut, "finish_reason": reply.finish_reason}
    return row | right | {"output_text": reply.text, "top_logprobs": reply.top_logprobs, "is_retry": False}


def ask_rows(lesson: Lesson, asker: Asker, places: Sequence[int], job: str) -> Taught:
    """The teacher's answers to these rows; a row that it did not answer stays as it was."""
    replies = asker.ask_all([lesson.ask(lesson.rows[place], job) for place in places])
    rows, changed = list(lesson.rows), 0
    for place, reply in zip(places, replies, strict=True):
        if reply is not None:
            before = rows[place]["output_text"]
            rows[place] = answered_by(rows[place], reply)
            changed += before is not None and before != reply.text
    answered = sum(reply is not None for reply in replies)
    detail: dict[str, object] = {"asked": len(places), "answered": answered, "unlike_the_log": changed}
    return Taught(lesson.with_rows(rows), detail)
