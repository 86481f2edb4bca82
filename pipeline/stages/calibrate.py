"""The threshold: how sure must the student be, so that what it serves disagrees with the teacher in at most alpha?

Learn-then-Test on the calibration period (pipeline/routing has the rule, analytics/statistics the test). Thresholds
stand on a fixed grid, strictest first. The walk begins where enough rows are accepted to pass with some mistakes: a
first step that one mistake could fail would end it by bad luck. Where it begins depends on how many are accepted and
not on who was right, so the guarantee is untouched.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc

from analytics.contracts import Interval
from analytics.statistics import accepted_needed, learn_then_test, least_abstention, quantile, wilson
from pipeline.artifacts import read_json
from pipeline.contracts import Answer, PlanSpec, StageInputs, StageResult, Student
from pipeline.examples import ROWS, read_table, texts
from pipeline.periods import LEARNING
from pipeline.routing import Calibration, Tested, refusal, write_calibration
from pipeline.stages.train import FOLDER
from pipeline.students import load_student
from pipeline.students.parts.steady import steady_sums

OOD_SHARE = 0.99  # of calibration traffic that is familiar enough; the strangest 1 % go to the teacher
# From 1 - 0.0005 down to one half, evenly on the scale of log odds.
GRID = tuple(float(value) for value in 1 / (1 + np.exp(-np.linspace(7.6, 0.0, 115))))


@dataclass(frozen=True)
class Answered:
    """Rows with the student's answers and whether the teacher said the same."""

    answers: list[Answer]
    is_same: list[bool]


def run(spec: PlanSpec, inputs: StageInputs, out: Path) -> StageResult:
    """Write ``calibration.json``."""
    split = inputs.folders["split"]
    student = load_student(inputs.folders["train"] / FOLDER)
    with steady_sums():
        held = answered(student, split / "calibrate.parquet")
        traffic = answered(student, split / "traffic.parquet")
    answers: dict[str, Any] = read_json(split / "split.json")
    labels = _labels(split) if answers["answer_kind"] == "label" else []
    calibration = replace(calibrate(spec.alpha, spec.delta, held, traffic, labels), answer_kind=answers["answer_kind"])
    write_calibration(out, calibration)
    detail: dict[str, object] = {
        "threshold": calibration.threshold,
        "coverage": calibration.coverage.value if calibration.coverage else None,
        "served_disagreement": calibration.served_disagreement.value if calibration.served_disagreement else None,
        "least_abstention": calibration.least_abstention,
        "reason": calibration.reason,
    }
    return StageResult(len(held.answers), len(traffic.answers), detail)


def calibrate(alpha: float, delta: float, held: Answered, traffic: Answered, labels: list[str]) -> Calibration:
    """Choose the threshold on ``held``; say what it does to ``traffic``, which had no part in choosing."""
    cutoff = quantile([answer.ood_score for answer in held.answers], OOD_SHARE) or 0.0
    tested, chosen = walk(alpha, delta, held, cutoff)
    disagreement = wilson(held.is_same.count(False), len(held.is_same))
    bound = least_abstention(disagreement.value, alpha) if disagreement else None
    threshold = None if chosen is None else tested[chosen].threshold
    rule = Calibration(
        threshold, cutoff, alpha, delta, labels, len(held.answers), 0 if chosen is None else chosen + 1, tested,
        None, None, disagreement, bound, _reason(alpha, delta, held, tested, chosen),
    )  # fmt: skip
    coverage, served = _on_traffic(rule, traffic)
    return Calibration(**(vars(rule) | {"coverage": coverage, "served_disagreement": served}))


def walk(alpha: float, delta: float, held: Answered, cutoff: float) -> tuple[list[Tested], int | None]:
    """The thresholds tested, and which was the last to pass."""
    enough = _first_step(alpha, delta, len(held.answers))
    familiar = np.array([answer.ood_score <= cutoff for answer in held.answers])
    sure = np.array([answer.confidence for answer in held.answers])
    wrong = ~np.array(held.is_same, dtype=bool)
    accepted = [(grid, familiar & (sure >= grid)) for grid in GRID]
    counts = [(grid, int(passing.sum()), int((passing & wrong).sum())) for grid, passing in accepted]
    reached = [row for row in counts if row[1] >= enough]
    result = learn_then_test([row[1] for row in reached], [row[2] for row in reached], alpha, delta)
    return [Tested(*row, p) for row, p in zip(reached, result.p_values, strict=False)], result.chosen


def _first_step(alpha: float, delta: float, rows: int) -> int:
    """Answers that the strictest threshold must accept: enough to pass at half of alpha, if there are so many rows."""
    bare, easy = accepted_needed(alpha, delta) or 0, accepted_needed(alpha, delta, alpha / 2) or 0
    return max(bare, min(easy, rows // 2))


def _on_traffic(rule: Calibration, traffic: Answered) -> tuple[Interval | None, Interval | None]:
    """Coverage, and disagreement among what is served."""
    served = [refusal(answer, rule) is None for answer in traffic.answers]
    wrong = sum(1 for serves, same in zip(served, traffic.is_same, strict=True) if serves and not same)
    return wilson(sum(served), len(served)), wilson(wrong, sum(served))


def _reason(alpha: float, delta: float, held: Answered, tested: list[Tested], chosen: int | None) -> str:
    """In words, with the numbers that would change it."""
    if chosen is not None:
        last = tested[chosen]
        return (
            f"{last.disagreements} disagreements in {last.accepted} calibration answers: at most {alpha:.1%} is proved "
            f"with confidence {1 - delta:.0%}"
        )
    if not tested:
        return (
            f"{len(held.answers)} calibration rows: at least {accepted_needed(alpha, delta)} sure and familiar answers "
            f"are needed to prove {alpha:.1%} even without one disagreement"
        )
    first = tested[0]
    share = first.disagreements / first.accepted
    needed = accepted_needed(alpha, delta, share)
    more = f"{needed} such answers would be needed" if needed else "more data cannot prove it: improve the student"
    return (
        f"even the surest {first.accepted} answers hold {first.disagreements} disagreements ({share:.1%}): not "
        f"proved to be at most {alpha:.1%}; {more}"
    )


def _labels(split: Path) -> list[str]:
    """What the student was taught to say."""
    learned = [read_table(split / f"{name}.parquet", ROWS) for name in LEARNING]
    teaching = [table.filter(pc.is_null(table["drop_reason"])) for table in learned]
    return sorted({label for table in teaching for label in texts(table, "label")})


def answered(student: Student, path: Path) -> Answered:
    """What a student says to the rows of a split, each text asked once, and whether the teacher said the same."""
    table = read_table(path, ROWS)
    inputs, labels = texts(table, "input_text"), texts(table, "label")
    distinct = sorted(set(inputs))
    said = dict(zip(distinct, student.answer(distinct), strict=True))
    answers = [said[text] for text in inputs]
    return Answered(answers, [answer.output == label for answer, label in zip(answers, labels, strict=True)])
