"""Four periods, and the traffic as it came.

Training never shares a near-duplicate with the test for the headline figure. Calibration and traffic keep their
repeats: a threshold holds for traffic like that on which it was chosen (docs/decisions/0003).
"""

from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from analytics.errors import QualityGateFailed
from pipeline.answer_kind import MAX_LABELS, SEEN_OFTEN
from pipeline.artifacts import read_json, write_json
from pipeline.contracts import AnswerKind, PlanSpec, StageInputs, StageResult
from pipeline.examples import ROWS, read_table, texts, write_table
from pipeline.periods import LEARNING
from pipeline.stages.filter import ANSWERS
from pipeline.students import kind, kinds

LEAST = {"train": 100, "tune": 30, "calibrate": 30, "traffic": 30}


def run(spec: PlanSpec, inputs: StageInputs, out: Path) -> StageResult:
    """Write train, tune, calibrate, test and traffic, and ``split.json`` with counts and dates."""
    rows = read_table(inputs.folders["filter"] / "rows.parquet", ROWS)
    answers: dict[str, Any] = read_json(inputs.folders["filter"] / ANSWERS)
    _require_fit(spec, answers["answer_kind"], rows)
    parts, removed = _parts(rows)
    _require_enough(spec, parts)
    for name, table in parts.items():
        write_table(table, out / f"{name}.parquet")
    detail = _detail(parts, removed) | answers | {"instructions": _instructions(parts["train"])}
    write_json(out / "split.json", detail)
    return StageResult(len(rows), sum(len(parts[name]) for name in LEAST), detail)


def _parts(rows: pa.Table) -> tuple[dict[str, pa.Table], int]:
    """The tables, and how many rows a test set of the user's own pushed out of the others.

    A test set that a person brings is taken at its word: only inputs that read the same leave the training rows,
    and all of it is tested. Near-duplicates across the two are counted, not moved (docs/decisions/0003).
    """
    traffic = rows.filter(pc.equal(rows["period"], "test"))
    others = rows.filter(pc.not_equal(rows["period"], "test"))
    if "pairs-test" in texts(rows, "role"):
        kept = others.filter(pc.invert(pc.is_in(others["form"], traffic["form"].combine_chunks().unique())))
        parts = {name: kept.filter(pc.equal(kept["period"], name)) for name in (*LEARNING, "calibrate")}
        return {**parts, "test": traffic, "traffic": traffic}, len(others) - len(kept)
    parts = {name: others.filter(pc.equal(others["period"], name)) for name in (*LEARNING, "calibrate")}
    known = pc.is_in(traffic["group"], others["group"].combine_chunks().unique())
    return {**parts, "test": traffic.filter(pc.invert(known)), "traffic": traffic}, 0


def _require_fit(spec: PlanSpec, answer_kind: AnswerKind, rows: pa.Table) -> None:
    """A head chooses among labels: free text, or too many labels, is not for it."""
    learning = rows.filter(pc.is_in(rows["period"], pa.array(LEARNING)))
    counts = Counter(texts(learning, "label"))
    able = [name for name in kinds() if answer_kind in kind(name).ANSWERS]
    if spec.student not in able:
        raise QualityGateFailed(
            f"student kind {spec.student!r} cannot give answers of kind {answer_kind!r}: found {len(counts)} distinct "
            f"answers in {len(learning)} rows; a closed set has at most {MAX_LABELS}, each seen {SEEN_OFTEN} times or "
            f"more. Kinds that can: {', '.join(able) or 'none'}"
        )
    if len(counts) < 2:
        raise QualityGateFailed(f"every one of {len(learning)} answers is the same; there is nothing to learn")


def _instructions(train: pa.Table) -> str | None:
    """The constant prompt text: the commonest system prompt, None where there is none."""
    counts = Counter(text for text in texts(train, "system_prompt") if text)
    return counts.most_common(1)[0][0] if counts else None


def _require_enough(spec: PlanSpec, parts: dict[str, pa.Table]) -> None:
    sizes = {name: len(table) for name, table in parts.items()} | {"train": len(_trainable(parts["train"]))}
    short = [f"{name}: {sizes[name]} rows, {least} needed" for name, least in LEAST.items() if sizes[name] < least]
    if short:
        raise QualityGateFailed(
            f"too few rows of {spec.task_name} to make and prove a student ({'; '.join(short)}); import more of the "
            "log, or give more pairs"
        )


def _trainable(table: pa.Table) -> pa.Table:
    return table.filter(pc.is_null(table["drop_reason"]))


def _detail(parts: dict[str, pa.Table], removed: int) -> dict[str, object]:
    learned = pa.concat_tables([parts["train"], parts["tune"]])
    return {
        "rows": {name: len(table) for name, table in parts.items()},
        "trainable": {name: len(_trainable(parts[name])) for name in LEARNING},
        "labels": len(set(texts(_trainable(learned), "label"))),
        "removed_because_in_test": removed,
        "calibrate_repeats_training": _repeats(parts["calibrate"], learned),
        "traffic_repeats_earlier": _repeats(parts["traffic"], pa.concat_tables([learned, parts["calibrate"]])),
        "trained_until": _last(learned),
        "calibrated_until": _last(parts["calibrate"]),
        "tested_from": _first(parts["traffic"]),
        "tested_until": _last(parts["traffic"]),
    }


def _repeats(table: pa.Table, earlier: pa.Table) -> int:
    """Rows whose near-duplicate is among the earlier ones."""
    return int(pc.sum(pc.is_in(table["group"], earlier["group"].combine_chunks().unique())).as_py() or 0)


def _first(table: pa.Table) -> str | None:
    moment = pc.min(table["requested_at"]).as_py()
    return moment.isoformat() if moment else None


def _last(table: pa.Table) -> str | None:
    moment = pc.max(table["requested_at"]).as_py()
    return moment.isoformat() if moment else None
