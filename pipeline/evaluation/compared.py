"""The newest traffic with everyone's answers to it: what every figure of an evaluation is worked out from."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.answer_kind import plain_forms
from pipeline.artifacts import read_json
from pipeline.contracts import Answer, AnswerKind, Student
from pipeline.evaluation.figures import Sheet
from pipeline.examples import ROWS, read_table, texts, write_table
from pipeline.metrics import Known
from pipeline.students import Lessons
from pipeline.students.parts.steady import steady_sums

NEW, TRAFFIC = "new inputs", "traffic"
FILE = "answers.parquet"
ANSWERS = pa.schema(
    [
        ("call_id", pa.string()),
        ("output", pa.string()),
        ("confidence", pa.float64()),
        ("ood_score", pa.float64()),
        ("previous_output", pa.string()),  # of the student before this one, on new inputs
    ]
)
CREATE_TABLE = re.compile(r"create\s+table\b[^;]*", re.IGNORECASE)
MAX_TABLES = 200


@dataclass(frozen=True)
class Compared:
    """One entry a row of the newest traffic, oldest first."""

    inputs: list[str]
    forms: list[str]  # as read: lower case words
    teacher: list[str]  # plain forms
    gold: list[str | None]  # plain forms; None where nobody knows
    groups: list[int]  # near-duplicate inputs share a number
    is_new: list[bool]
    times: list[Any]  # datetime; None for pairs
    answers: list[Answer]
    known: Known
    seed: int
    previous: list[str] | None = None  # of the student before this one, on new inputs alone
    call_ids: list[str] = field(default_factory=list)
    costs_usd: list[Decimal | None] = field(default_factory=list)  # of the teacher's calls; None: no price is known
    weights: list[float | None] = field(default_factory=list)  # calls that a row stands for
    slips: int = 0  # answers of the teacher whose form was put aside

    @property
    def said(self) -> list[str]:
        """The student's answers."""
        return [answer.output for answer in self.answers]

    def new(self, column: Sequence[Any]) -> list[Any]:
        """A column's entries on new inputs alone."""
        return [value for value, fresh in zip(column, self.is_new, strict=True) if fresh]

    def places(self, on: str) -> list[int]:
        """Rows of one part of the traffic."""
        return [place for place, fresh in enumerate(self.is_new) if fresh or on == TRAFFIC]

    def sheet(self, on: str, by: str = "teacher") -> tuple[Sheet, list[int]]:
        """Rows to be measured on, and which of the traffic they are."""
        wanted = self.teacher if by == "teacher" else self.gold
        places = [place for place in self.places(on) if wanted[place] is not None]
        answers = [str(wanted[place]) for place in places]
        return Sheet(answers, [self.groups[place] for place in places], on, by, self.known, self.seed), places


def read_compared(split: Path, answers: list[Answer], seed: int) -> Compared:
    """The traffic of a split with the student's answers to it."""
    traffic = read_table(split / "traffic.parquet", ROWS)
    new_ids = set(read_table(split / "test.parquet", ROWS)["call_id"].to_pylist())
    found: dict[str, Any] = read_json(split / "split.json")
    teacher, kind = texts(traffic, "label"), found["answer_kind"]
    call_ids = traffic["call_id"].to_pylist()
    return Compared(
        texts(traffic, "input_text"),
        texts(traffic, "form"),
        teacher,
        plain_gold(traffic["gold"].to_pylist(), kind, teacher),
        traffic["group"].to_pylist(),
        [call_id in new_ids for call_id in call_ids],
        traffic["requested_at"].to_pylist(),
        answers,
        Known(kind, tuple(taught(split).answers) if kind == "json" else (), _tables(traffic)),
        seed,
        call_ids=call_ids,
        costs_usd=traffic["cost_usd"].to_pylist(),
        weights=traffic["weight"].to_pylist(),
        slips=sum(one.strip() != other for one, other in zip(texts(traffic, "output_text"), teacher, strict=True)),
    )


def plain_gold(gold: Sequence[str | None], kind: AnswerKind, learned_from: Sequence[str]) -> list[str | None]:
    """The truth as answers are compared; None where it is not known."""
    known = iter(plain_forms([truth for truth in gold if truth is not None], kind, learned_from))
    return [None if truth is None else next(known) for truth in gold]


def taught(split: Path) -> Lessons:
    """What the student was taught: forms and plain answers of the rows that trained or tuned it."""
    learned = pa.concat_tables([read_table(split / f"{name}.parquet", ROWS) for name in ("train", "tune")])
    teaching = learned.filter(pc.is_null(learned["drop_reason"]))
    forms = texts(teaching, "form")
    return Lessons(forms, texts(teaching, "label"), [True] * len(forms))


def ask(student: Student, inputs: Sequence[str]) -> list[Answer]:
    """The student's answers; a text that comes twice is asked once."""
    distinct = sorted(set(inputs))
    with steady_sums():
        said = dict(zip(distinct, student.answer(distinct), strict=True))
    return [said[text] for text in inputs]


def write_answers(compared: Compared, path: Path) -> None:
    """What was said to each call, without any text of the call."""
    before = iter(compared.previous or [])
    previous = [next(before, None) if fresh else None for fresh in compared.is_new]
    columns = {
        "call_id": compared.call_ids,
        "output": compared.said,
        "confidence": [answer.confidence for answer in compared.answers],
        "ood_score": [answer.ood_score for answer in compared.answers],
        "previous_output": previous,
    }
    write_table(pa.table(columns, schema=ANSWERS), path)


def read_answers(split: Path, path: Path, seed: int) -> Compared:
    """What ``write_answers`` kept, beside its traffic again."""
    table = read_table(path, ANSWERS)
    rows = zip(texts(table, "output"), table["confidence"].to_pylist(), table["ood_score"].to_pylist(), strict=True)
    found = read_compared(split, [Answer(*row) for row in rows], seed)
    before = found.new(table["previous_output"].to_pylist())
    return found if None in before or not before else replace(found, previous=before)


def _tables(traffic: pa.Table) -> tuple[str, ...]:
    """``create table`` statements that the prompts show."""
    prompts = sorted({prompt for prompt in texts(traffic, "system_prompt") if prompt})
    return tuple(dict.fromkeys(table for prompt in prompts for table in CREATE_TABLE.findall(prompt)))[:MAX_TABLES]
