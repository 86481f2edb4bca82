"""The student against the teacher, the baselines, its predecessor and the truth where it is known.

The headline is agreement on *new* inputs: near-duplicate groups that no earlier period holds. Agreement on the
traffic as it came stands beside it, since that is what a router meets. Answers are compared in their plain form:
``Category: x`` and ``x`` mean the same. docs/evaluation.md has every figure with its formula.
"""

import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from analytics.errors import DataMissing
from analytics.settings import user_assumptions
from analytics.statistics import quantile
from analytics.workspace import Workspace
from pipeline import forgetting
from pipeline.artifacts import TIMINGS, write_json
from pipeline.contracts import PlanSpec, StageInputs, StageResult, Student
from pipeline.evaluation.against import (
    baseline_figures,
    baselines,
    comparisons,
    gold_figures,
    plain,
    previous_figures,
)
from pipeline.evaluation.calibration_scores import CalibrationScores, calibration_scores
from pipeline.evaluation.compared import FILE as ANSWERS
from pipeline.evaluation.compared import NEW, TRAFFIC, Compared, ask, read_compared, write_answers
from pipeline.evaluation.costs import calls_per_month, student_cost, teacher_cost
from pipeline.evaluation.failure_modes import FEW_LESSONS, failure_modes
from pipeline.evaluation.figures import figures
from pipeline.evaluation.learning_curve import LearningCurve, learning_curve, usd_per_point
from pipeline.evaluation.lessons import lesson_facts, thin_classes
from pipeline.evaluation.rivals import Rivals, ask_rivals
from pipeline.evaluation.slices import slice_scores
from pipeline.evaluation.smaller import curve_points
from pipeline.examples import ROWS, read_table, texts
from pipeline.job import Cancelled, say
from pipeline.metrics.json_fields import by_field
from pipeline.scores import agreement, class_scores, macro_f1
from pipeline.stages.train import FOLDER, size_bytes
from pipeline.students import load_student
from pipeline.teaching.session import StopRequested

FILE = "evaluation.json"
TIMED_CALLS = 300
WARM_UP_CALLS = 10  # the first calls load the embedding


def run(spec: PlanSpec, inputs: StageInputs, out: Path) -> StageResult:
    """Write ``evaluation.json`` and ``answers.parquet``, the same for the same rows, and ``timings.json``."""
    split, folder = inputs.folders["split"], inputs.folders["train"] / FOLDER
    student = load_student(folder)
    asked = texts(read_table(split / "traffic.parquet", ROWS), "input_text")
    began_s = time.perf_counter()
    answers = ask(student, asked)
    seconds = time.perf_counter() - began_s
    compared = _with_previous(read_compared(split, answers, spec.seed), inputs)
    write_answers(compared, out / ANSWERS)
    teacher = asdict(teacher_cost(compared.costs_usd, compared.groups, spec.seed))
    evaluation: dict[str, Any] = _figures(compared, split, _asked(spec, inputs, compared)) | {
        "cost_per_1000": {"teacher": teacher},  # the student's depends on measured speed: it stands on the card
        "bytes": size_bytes(folder),
        "kind": spec.student,
        "features": spec.features,
        **forgetting.report(student, inputs.home),
    }
    evaluation |= _next_round(spec, inputs, compared, teacher)
    write_json(out / FILE, evaluation)
    timings = _timings(student, compared, seconds)
    write_json(
        out / TIMINGS,
        timings | {"cost_per_1000": evaluation["cost_per_1000"] | _student_cost(spec, inputs, compared, timings)},
    )
    detail = {name: evaluation[name] for name in ("agreement", "agreement_traffic", "macro_f1", "accuracy_gold")}
    return StageResult(len(asked), sum(compared.is_new), detail)


def _with_previous(compared: Compared, inputs: StageInputs) -> Compared:
    """The answers of the student before this one to the same new inputs, where there was one."""
    folder = inputs.folders.get("previous")
    if folder is None:
        return compared
    try:
        before = load_student(folder / FOLDER if (folder / FOLDER).is_dir() else folder)
    except DataMissing as error:  # an upgrade must not stop every new student of a task
        say(f"not compared with the student before: {error}")
        return compared
    said = [answer.output for answer in ask(before, compared.new(compared.inputs))]
    return replace(compared, previous=said)


def _figures(compared: Compared, split: Path, asked: Rivals) -> dict[str, object]:
    return _headline(compared) | _metrics(compared) | _rivals(compared, split, asked)


def _headline(compared: Compared) -> dict[str, object]:
    scores = class_scores(compared.new(compared.said), compared.new(compared.teacher))
    gold = gold_figures(compared)
    return {
        "agreement": plain(agreement(compared.new(compared.said), compared.new(compared.teacher))),
        "agreement_traffic": plain(agreement(compared.said, compared.teacher)),
        "macro_f1": macro_f1(scores),
        "classes": [asdict(score) for score in scores],
        "slices": [asdict(row) for row in slice_scores(compared)],
        "gold": gold,
        "accuracy_gold": gold["new_inputs"]["student"] if gold else None,
        "teacher_accuracy_gold": gold["new_inputs"]["teacher"] if gold else None,
        "compared_after": "formatting slips of the teacher (lead-in, quotes, full stop, code fence) put aside",
        "formatting_slips": compared.slips,
    }


def _metrics(compared: Compared) -> dict[str, object]:
    """Every metric that applies, by the teacher's answers and by the truth; and what confidences are worth."""
    found = []
    for on in (NEW, TRAFFIC):
        for by in ("teacher", "gold"):
            sheet, places = compared.sheet(on, by)
            found += [asdict(row) for row in figures([compared.said[place] for place in places], sheet)]
    return {
        "metrics": found,
        "calibration_scores": [asdict(row) for on in (NEW, TRAFFIC) if (row := _calibration(compared, on))],
        "fields": [asdict(row) for row in by_field(compared.new(compared.said), compared.new(compared.teacher))],
    }


def _calibration(compared: Compared, on: str) -> CalibrationScores | None:
    places = compared.places(on)
    said, teacher = compared.said, compared.teacher
    sure = [compared.answers[place].confidence for place in places]
    return calibration_scores(on, sure, [said[place] == teacher[place] for place in places])


def _asked(spec: PlanSpec, inputs: StageInputs, compared: Compared) -> Rivals:
    try:
        return ask_rivals(spec, inputs, compared)
    except StopRequested:
        raise Cancelled from None


def _rivals(compared: Compared, split: Path, asked: Rivals) -> dict[str, object]:
    cheap = baselines(compared, split)
    others: dict[str, list[str | None]] = {name: list(said) for name, said in cheap.items()}
    others |= asked.answers
    if compared.previous is not None:
        before = iter(compared.previous)
        others["previous"] = [next(before) if fresh else None for fresh in compared.is_new]
    return {
        "baselines": baseline_figures(compared, cheap),
        "previous": previous_figures(compared),
        "comparisons": [asdict(row) for row in comparisons(compared, others)],
        "not_measured": asked.not_measured,
        "judges": asked.judges,
    }


def _next_round(spec: PlanSpec, inputs: StageInputs, compared: Compared, teacher: dict[str, Any]) -> dict[str, object]:
    """Where it fails, what it was hardly taught, and what more lessons would bring."""
    split, per_call = inputs.folders["split"], None if teacher["usd"] is None else teacher["usd"] / 1_000
    facts = lesson_facts(split)
    thin = thin_classes(facts, compared.teacher, FEW_LESSONS) if compared.known.answer_kind == "label" else []
    points = curve_points(spec, split, compared)
    volume = calls_per_month(compared.times, compared.weights)
    worth = usd_per_point(volume, per_call, user_assumptions(Workspace(inputs.home)).value("error_cost_calls"))
    more = points[-1].lessons if points else 0  # as many again
    curve = learning_curve(points, more, worth, per_call, spec.seed)
    return {
        "failure_modes": [asdict(mode) for mode in failure_modes(compared, facts)],
        "thin_classes": [asdict(one) for one in thin],
        "learning_curve": _as_json(curve) if curve else None,
    }


def _as_json(curve: LearningCurve) -> dict[str, object]:
    return asdict(curve) | {"points": [point._asdict() for point in curve.points]}


def _student_cost(
    spec: PlanSpec, inputs: StageInputs, compared: Compared, timings: dict[str, Any]
) -> dict[str, object]:
    volume = calls_per_month(compared.times, compared.weights)
    given = user_assumptions(Workspace(inputs.home))
    return {"student": asdict(student_cost(spec.student, timings["latency_ms"]["p50"], volume, given))}


def _timings(student: Student, compared: Compared, seconds: float) -> dict[str, Any]:
    distinct = len(set(compared.inputs))
    return {
        "latency_ms": _latency_ms(student, compared.inputs),
        "evaluate_seconds": seconds,
        "throughput_per_s": distinct / seconds if seconds > 0 else None,  # distinct inputs, answered together
    }


def _latency_ms(student: Student, inputs: list[str]) -> dict[str, float | int | None]:
    """Single calls, one after the other, over texts spread evenly across the traffic [ms]."""
    chosen = inputs[:: max(1, len(inputs) // TIMED_CALLS)][:TIMED_CALLS]
    for text in chosen[:WARM_UP_CALLS]:
        student.answer([text])
    taken_ms = [_one_call_ms(student, text) for text in chosen]
    return {"p50": quantile(taken_ms, 0.5), "p95": quantile(taken_ms, 0.95), "n": len(taken_ms)}


def _one_call_ms(student: Student, text: str) -> float:
    began_s = time.perf_counter()
    student.answer([text])
    return (time.perf_counter() - began_s) * 1000
