"""Fit the student on the teacher's answers."""

import time
from pathlib import Path

import pyarrow as pa

from analytics.errors import InputError
from pipeline.artifacts import TIMINGS, write_json
from pipeline.contracts import PlanSpec, StageInputs, StageResult
from pipeline.examples import ROWS, read_table, texts
from pipeline.students import Lessons, kind
from pipeline.students.parts.steady import steady_sums

FOLDER = "student"


def run(spec: PlanSpec, inputs: StageInputs, out: Path) -> StageResult:
    """Write the student's folder; how long it took goes into ``timings.json``."""
    if spec.objective != "sequence":
        only = f"student kind {spec.student!r} learns from answers alone"
        raise InputError(f"{only}: objective 'sequence', not {spec.objective!r}")
    split = inputs.folders["split"]
    train, tune = (_lessons(read_table(split / f"{name}.parquet", ROWS)) for name in ("train", "tune"))
    began_s = time.perf_counter()
    with steady_sums():
        student = kind(spec.student).fit(train, tune, spec.features, spec.seed)
    seconds = time.perf_counter() - began_s
    student.save(out / FOLDER)
    write_json(out / TIMINGS, {"train_seconds": seconds})
    rows = len(train.teaching()) + len(tune.teaching())
    labels = len({*train.teaching().answers, *tune.teaching().answers})
    detail: dict[str, object] = {"kind": spec.student, "features": spec.features, "labels": labels}
    detail["bytes"] = size_bytes(out / FOLDER)
    return StageResult(len(train) + len(tune), rows, detail)


def size_bytes(folder: Path) -> int:
    """What a folder takes on disk [bytes]."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _lessons(table: pa.Table) -> Lessons:
    return Lessons(
        texts(table, "input_text"),
        texts(table, "label"),
        [reason is None for reason in table["drop_reason"].to_pylist()],
    )
