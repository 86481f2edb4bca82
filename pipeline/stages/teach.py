"""Ask a paid teacher, where the plan says so; otherwise the log's own answers are the lesson."""

import shutil
from pathlib import Path

from analytics.workspace import Workspace
from pipeline.contracts import PlanSpec, StageInputs, StageResult, Teaching
from pipeline.examples import EXAMPLES, read_table, write_table
from pipeline.job import Cancelled
from pipeline.teaching.asker import Asker
from pipeline.teaching.jobs import in_order, job
from pipeline.teaching.lesson import Lesson, lesson_of
from pipeline.teaching.patience import USUAL, Patience
from pipeline.teaching.quality import check_teacher
from pipeline.teaching.session import StopRequested, open_asker


def run(spec: PlanSpec, inputs: StageInputs, out: Path, patience: Patience = USUAL) -> StageResult:
    """Write ``examples.parquet``: what was collected, with what the teacher was paid to add."""
    collected = inputs.folders["collect"] / "examples.parquet"
    table = read_table(collected, EXAMPLES)
    if spec.teaching is None or not spec.teaching.jobs:
        shutil.copyfile(collected, out / "examples.parquet")
        return StageResult(len(table), len(table), {"asked": 0})
    lesson = lesson_of(spec, spec.teaching, table)
    try:
        with open_asker(Workspace(inputs.home), inputs.run_id, spec.teaching, spec.cap_usd, patience) as asker:
            taught, detail = _teach(lesson, asker, spec.teaching)
            detail |= _spending(asker)
    except StopRequested:
        raise Cancelled from None
    write_table(taught.table(), out / "examples.parquet")
    return StageResult(len(table), len(taught.rows), detail)


def _teach(lesson: Lesson, asker: Asker, teaching: Teaching) -> tuple[Lesson, dict[str, object]]:
    quality = check_teacher(lesson, asker)
    detail: dict[str, object] = {"teacher": teaching.model, "quality": quality.as_json() if quality else None}
    for name in in_order(teaching.jobs):
        taught = job(name).run(lesson, asker)
        lesson, detail[name] = taught.lesson, taught.detail
    return lesson, detail


def _spending(asker: Asker) -> dict[str, object]:
    """Over all workers that this stage has had, except for the last line."""
    ledger, counts = asker.ledger, asker.counts
    return {
        "requests": ledger.count(),
        "answers": ledger.answers(),
        "unknown": ledger.count("unknown"),
        "spent_usd": ledger.spent_micros() / 1e6,
        "price": asker.terms.price.source,
        "this_worker": {
            "hits": counts.hits,
            "repeats": counts.repeats,
            "gave_up": counts.gave_up,
            "why": counts.reasons,
        },
    }
