"""Who answers: the student when it is sure and the input is familiar, else the teacher."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from analytics.contracts import Interval
from analytics.errors import DataMissing
from analytics.labels import repair_answer
from pipeline.answer_kind import plain_forms
from pipeline.artifacts import read_json, write_json
from pipeline.contracts import Answer, AnswerKind, Student

FILE = "calibration.json"
Route = Literal["student", "teacher"]


@dataclass(frozen=True)
class Tested:
    """One threshold that Learn-then-Test looked at."""

    threshold: float
    accepted: int
    disagreements: int
    p_value: float


@dataclass(frozen=True)
class Calibration:
    """The rule that routes, and what proves it."""

    threshold: float | None  # least confidence that the student serves; None: it serves nothing
    ood_cutoff: float  # inputs stranger than this go to the teacher whatever the confidence
    alpha: float  # allowed disagreement among served answers
    delta: float  # chance that the bound is broken
    labels: list[str]  # what the student can say
    calibration_rows: int
    thresholds_passed: int
    tested: list[Tested]  # strictest first; the last one listed is the first that failed, where one did
    coverage: Interval | None  # share of the newest traffic that the student would serve
    served_disagreement: Interval | None  # realised among those, against the teacher
    disagreement: Interval | None  # of the student on all of the calibration traffic
    least_abstention: float | None  # share that any router must leave to the teacher, at that disagreement
    reason: str  # in words: why this threshold, or why none
    answer_kind: AnswerKind = "label"


def read_calibration(folder: Path) -> Calibration:
    """The calibration beside a student. Raises DataMissing when there is none."""
    if not (folder / FILE).exists():
        raise DataMissing(f"{folder / FILE} is missing; the student was not calibrated")
    card: dict[str, Any] = dict(read_json(folder / FILE))
    for name in ("coverage", "served_disagreement", "disagreement"):
        card[name] = Interval(**card[name]) if card[name] else None
    return Calibration(**(card | {"tested": [Tested(**one) for one in card["tested"]]}))


def write_calibration(folder: Path, calibration: Calibration) -> None:
    """One JSON document, the same bytes for the same calibration."""
    write_json(folder / FILE, asdict(calibration))


def refusal(answer: Answer, calibration: Calibration) -> str | None:
    """Why the student must not serve this answer; None when it may."""
    if calibration.threshold is None:
        return "no-threshold"
    if answer.ood_score > calibration.ood_cutoff:
        return "unfamiliar"
    return "unsure" if answer.confidence < calibration.threshold else None


def route(student: Student, calibration: Calibration, texts: list[str]) -> list[tuple[Answer, Route]]:
    """The student's answers in the order of ``texts``, each with who would give the answer."""
    answers = student.answer(texts)
    return [(answer, "student" if refusal(answer, calibration) is None else "teacher") for answer in answers]


def plain_answers(answers: Sequence[str], labels: Sequence[str], kind: AnswerKind = "label") -> list[str]:
    """The teacher's answers without formatting slips, wherever that gives a label that the student knows."""
    if kind != "label":
        return plain_forms(answers, kind, ())
    known = set(labels)
    return [_plain(answer.strip(), known) for answer in answers]


def _plain(answer: str, known: set[str]) -> str:
    if answer in known:
        return answer
    peeled = repair_answer(answer)
    return peeled if peeled in known else answer
