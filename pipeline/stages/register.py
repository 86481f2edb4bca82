"""The student with its card: everything that a person or a router must know of it, in one immutable document."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from analytics.record import Record, runs
from analytics.workspace import Workspace
from pipeline import registry
from pipeline.artifacts import MANIFEST, RESULT, TIMINGS, file_sha256, read_json, write_json
from pipeline.bases import base_of
from pipeline.contracts import PlanSpec, StageInputs, StageResult
from pipeline.evaluation.compared import FILE as ANSWERS
from pipeline.evaluation.compared import read_answers
from pipeline.evaluation.gated import gate_student
from pipeline.loaded import STUDENT
from pipeline.plan import plan_id_of
from pipeline.routing import FILE as CALIBRATION
from pipeline.routing import read_calibration
from pipeline.stages.evaluate import FILE as EVALUATION
from pipeline.stages.train import FOLDER

# Figures of the evaluation that stand on the card under their own name; the rest is in the file beside it.
FIGURES = (
    "agreement",
    "agreement_traffic",
    "macro_f1",
    "baselines",
    "gold",
    "formatting_slips",
    "metrics",
    "comparisons",
    "calibration_scores",
    "failure_modes",
    "learning_curve",
    "forgetting",
)
GOLD = ("accuracy_gold", "teacher_accuracy_gold")  # on new inputs; null where no truth is known


def run(spec: PlanSpec, inputs: StageInputs, out: Path) -> StageResult:
    """Gather weights, calibration, evaluation and card in ``out``; the runner registers them."""
    folders = inputs.folders
    card = _origin(spec, inputs) | _lessons(folders) | _quality(folders) | _rule(folders)
    for stage in ("train", "evaluate"):
        card |= read_json(folders[stage] / TIMINGS)
    card["cost_paid_usd"] = _paid_usd(inputs)
    card["gate"] = _gate(spec, folders)
    parts = {STUDENT: folders["train"] / FOLDER, CALIBRATION: folders["calibrate"] / CALIBRATION}
    write_json(out / EVALUATION, read_json(folders["evaluate"] / EVALUATION) | {"gate": card["gate"]})
    complete = registry.assemble(out, card, parts)
    shown = {name: complete[name] for name in ("student_id", "agreement", "threshold", "coverage", "bytes")}
    shown["gate"] = complete["gate"]["sentence"]
    return StageResult(card["rows"]["train"], 1, shown)


def _origin(spec: PlanSpec, inputs: StageInputs) -> registry.Card:
    """What was asked for, and of which data and code the student is."""
    base = base_of(spec.student, spec.features, spec.base)
    return {
        "kind": spec.student,
        "task": spec.task_name,
        "task_id": spec.task_id,
        "plan_id": plan_id_of(spec),
        "run_id": inputs.run_id,
        "data_version": spec.data_version,
        "examples_sha256": file_sha256(inputs.folders["teach"] / "examples.parquet"),
        "split_hash": read_json(inputs.folders["split"] / MANIFEST)["output_hash"],
        "features": spec.features,
        "base": vars(base) if base else None,
        "objective": spec.objective,
        "seed": spec.seed,
        "code_version": spec.code_version,
    }


def _lessons(folders: dict[str, Path]) -> registry.Card:
    """The rows behind each part, and until when it learned: a replay may use nothing older."""
    split = read_json(folders["split"] / "split.json")
    filtered: dict[str, Any] = read_json(folders["filter"] / RESULT)
    return {
        "rows_in": filtered["rows_in"],
        "funnel": filtered["detail"]["funnel"],
        "rows": split["rows"],
        "trainable_rows": split["trainable"],
        "labels": split["labels"],
        "trained_until": split["trained_until"],
        "calibrated_until": split["calibrated_until"],
        "test_period": {"from": split["tested_from"], "to": split["tested_until"]},
    }


def _quality(folders: dict[str, Path]) -> registry.Card:
    """How good it is, by class and by slice."""
    evaluation = read_json(folders["evaluate"] / EVALUATION)
    figures = {name: evaluation[name] for name in FIGURES}
    for name in GOLD:
        interval = evaluation[name]
        figures |= {name: interval["value"] if isinstance(interval, dict) else None, f"{name}_interval": interval}
    rest = {"per_class": evaluation["classes"], "slices": evaluation["slices"]}
    return figures | rest | {"mcnemar_previous": evaluation["previous"]}


def _rule(folders: dict[str, Path]) -> registry.Card:
    """When to trust it, and what proves that."""
    rule = read_json(folders["calibrate"] / CALIBRATION)
    names = (
        "threshold",
        "ood_cutoff",
        "coverage",
        "served_disagreement",
        "alpha",
        "delta",
        "calibration_rows",
        "answer_kind",
    )
    stated = {name: rule[name] for name in names}
    return stated | {"least_escalation": rule["least_abstention"], "threshold_reason": rule["reason"]}


def _gate(spec: PlanSpec, folders: dict[str, Path]) -> registry.Card:
    """The gate's verdict: only now is it known what the student would serve."""
    compared = read_answers(folders["split"], folders["evaluate"] / ANSWERS, spec.seed)
    result = gate_student(compared, read_calibration(folders["calibrate"]), spec.gate)
    return asdict(result) | {"sentence": result.sentence}


def _paid_usd(inputs: StageInputs) -> float:
    """What the run has paid others so far [USD]."""
    with Record(Workspace(inputs.home)).read() as connection:
        spent = connection.execute(sa.select(runs.c.spent_micros).where(runs.c.run_id == inputs.run_id)).scalar_one()
    return float(spent) / 1e6
