"""Fit the student on the teacher's answers."""

import time
from pathlib import Path
from typing import Any

import pyarrow as pa

from analytics.errors import UnknownName
from analytics.workspace import Workspace
from pipeline.artifacts import TIMINGS, read_json, write_json
from pipeline.contracts import PlanSpec, StageInputs, StageResult
from pipeline.environment import versions
from pipeline.examples import ROWS, read_table, texts
from pipeline.launch_options import read_options
from pipeline.measured_training import compared
from pipeline.money import paid_usd
from pipeline.students import Lessons, Setup, kind
from pipeline.students.parts.steady import steady_sums

FOLDER = "student"


def run(spec: PlanSpec, inputs: StageInputs, out: Path) -> StageResult:
    """Write the student's folder; how long it took goes into ``timings.json``."""
    made, split = kind(spec.student), inputs.folders["split"]
    if spec.objective not in made.OBJECTIVES:
        raise UnknownName(f"objective of {spec.student}", spec.objective, made.OBJECTIVES)
    train, tune = (lessons_of(read_table(split / f"{name}.parquet", ROWS)) for name in ("train", "tune"))
    began_s = time.perf_counter()
    with steady_sums():
        student = made.fit(train, tune, _setup(spec, inputs))
    seconds = time.perf_counter() - began_s
    student.save(out / FOLDER)
    resources = compared(inputs.home / "runs" / inputs.run_id)
    write_json(out / TIMINGS, {"train_seconds": seconds, "training_resources": resources, "environment": versions()})
    rows = len(train.teaching()) + len(tune.teaching())
    labels = len({*train.teaching().answers, *tune.teaching().answers})
    detail: dict[str, object] = {"kind": spec.student, "features": spec.features, "labels": labels}
    detail["bytes"] = size_bytes(out / FOLDER)
    return StageResult(len(train) + len(tune), rows, detail)


def size_bytes(folder: Path) -> int:
    """What a folder takes on disk [bytes]."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _setup(spec: PlanSpec, inputs: StageInputs) -> Setup:
    found: dict[str, Any] = read_json(inputs.folders["split"] / "split.json")
    return Setup(
        seed=spec.seed,
        features=spec.features,
        answer_kind=found["answer_kind"],
        base=spec.base,
        objective=spec.objective,
        training=spec.training,
        instructions=found["instructions"] if spec.training.keep_prompt else None,
        scratch=inputs.scratch,
        launch=read_options(inputs.home / "runs" / inputs.run_id),
        paid_usd=paid_usd(Workspace(inputs.home), inputs.run_id),
    )


def lessons_of(table: pa.Table) -> Lessons:
    """The rows of one period as lessons."""
    return Lessons(
        texts(table, "input_text"),
        texts(table, "label"),
        [reason is None for reason in table["drop_reason"].to_pylist()],
        table["rationale"].to_pylist(),
        table["top_logprobs"].to_pylist(),
    )
