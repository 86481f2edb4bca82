"""A language model that compares two answers, twice with the order swapped; data is delimited, the verdict schema-only.

Two verdicts that differ are a tie: a judge that follows the order says nothing.
"""

from collections.abc import Sequence

from pipeline.judges import Judged
from pipeline.teaching.asker import Asker
from pipeline.teaching.judge import Comparison
from pipeline.teaching.judge import judge as compare

SAYS = "a model's preference between student and teacher; wrong as often as its agreement with gold says"


def judge(asker: Asker, rows: Sequence[Judged]) -> list[bool | None]:
    """Not worse: the student's answer wins, or it is a tie."""
    winners = compare(asker, [Comparison(row.input_text, row.student, row.teacher) for row in rows])
    return [None if winner is None else winner != "second" for winner in winners]
