"""Which rows may teach, and why the others may not.

Two kinds of drop. A call without a whole answer is out of everything: there is nothing to compare a student with.
An answer that is malformed, rare, contested or repeated is out of training alone: the traffic to be served has
such rows too, so calibration and test keep them. What may train is decided on the training and tuning periods
only; no newer answer has a say, or the student would know its future. Inputs of the calibration period do: they say
what is served now, and so which rows belong to the task at all. Answers that merely changed their name are given the
new one before that (docs/decisions/0012).
"""

from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from analytics.errors import DataMissing
from analytics.labels import normalise_input
from pipeline.answer_kind import find_kind, plain_forms
from pipeline.artifacts import write_json
from pipeline.contracts import AnswerKind, PlanSpec, StageInputs, StageResult
from pipeline.examples import EXAMPLES, Known, Rows, read_table, texts, write_table
from pipeline.filters import Filtered, Step, run_filters
from pipeline.groups import near_duplicate_groups
from pipeline.periods import LEARNING, assign
from pipeline.renamed import rename, renamed_answers
from pipeline.stages.collect import SERVED
from pipeline.template import find_template

ANSWERS = "answers.json"  # what sort of answer the task gives
DROPPED = pa.schema(
    [
        ("call_id", pa.string()),
        ("reason", pa.string()),
        ("scope", pa.string()),  # usable: out of everything; trainable: out of training alone
    ]
)


def run(spec: PlanSpec, inputs: StageInputs, out: Path) -> StageResult:
    """Write ``rows.parquet`` (every usable row, with what was worked out) and ``dropped.parquet``."""
    examples = read_table(inputs.folders["teach"] / "examples.parquet", EXAMPLES)
    blank = [""] * len(examples)
    usable = run_filters(_rows(examples, blank, blank, [0] * len(examples), "text"), "usable")
    kept = examples.filter(pa.array([reason is None for reason in usable.reasons]))
    if not len(kept):
        raise DataMissing(f"none of {len(examples)} rows has both an input and a whole answer; nothing to learn from")
    worked, trainable, answer_kind, found = _work_out(spec, kept, _served(inputs))
    write_table(worked, out / "rows.parquet")
    write_json(out / ANSWERS, {"answer_kind": answer_kind})
    dropped = [*_dropped(examples, usable.reasons, "usable"), *_dropped(worked, trainable.reasons, "trainable")]
    write_table(pa.Table.from_pylist(dropped, schema=DROPPED), out / "dropped.parquet")
    return StageResult(len(examples), len(kept), _detail(usable, trainable) | found)


def _served(inputs: StageInputs) -> list[tuple[datetime, str]]:
    """When a student answered what: traffic without an answer to learn from."""
    path = inputs.folders["collect"] / SERVED if "collect" in inputs.folders else None
    if path is None or not path.exists():
        return []
    table = pq.read_table(path)
    pairs = zip(table["requested_at"].to_pylist(), table["input_text"].to_pylist(), strict=True)
    return [(time, text) for time, text in pairs if time and text]


def _work_out(
    spec: PlanSpec, kept: pa.Table, served: list[tuple[datetime, str]]
) -> tuple[pa.Table, Filtered, AnswerKind, dict[str, object]]:
    """Forms, groups, periods, plain answers; then the filters of training on the learning periods."""
    template = find_template(texts(kept, "input_text"))
    forms = [normalise_input(template.bare(text)) for text in texts(kept, "input_text")]
    groups = near_duplicate_groups(forms)
    periods = assign(spec, kept["requested_at"].to_pylist(), groups, forms, texts(kept, "role"))
    learning = [place for place, period in enumerate(periods) if period in LEARNING]
    answers = texts(kept, "output_text")
    learned_from = [answers[place] for place in learning]
    answer_kind = find_kind(learned_from)
    labels = plain_forms(answers, answer_kind, learned_from)
    known = _known(spec, kept, forms, periods, served)
    rows = replace(_rows(kept, labels, forms, groups, answer_kind), known=known).take(learning)
    names = renamed_answers(rows) if kept["requested_at"].null_count == 0 else {}
    rows = rename(rows, names)
    for place, label in zip(learning, rows.labels, strict=True):
        labels[place] = label
    filtered = run_filters(rows, "trainable")
    reasons: list[str | None] = [None] * len(kept)
    for place, reason in zip(learning, filtered.reasons, strict=True):
        reasons[place] = reason
    worked = kept
    for name, column in (("label", labels), ("form", forms)):
        worked = worked.append_column(name, pa.array(column, pa.string()))
    worked = worked.append_column("group", pa.array(groups, pa.int64()))
    worked = worked.append_column("period", pa.array(periods, pa.string()))
    worked = worked.append_column("drop_reason", pa.array(reasons, pa.string()))
    return worked, Filtered(reasons, filtered.funnel), answer_kind, {"learning_rows": len(learning), "renamed": names}


def _known(
    spec: PlanSpec, kept: pa.Table, forms: list[str], periods: list[str], served: list[tuple[datetime, str]]
) -> Known:
    """Inputs of the traffic after the learning periods, where rows have a time; forms of a test set brought.

    What a student served in the same stretch of time is part of that traffic.
    """
    rows = zip(texts(kept, "input_text"), forms, periods, texts(kept, "role"), kept["requested_at"], strict=True)
    recent, tested = [], []
    for text, form, period, role, time in rows:
        if role == "pairs-test":
            tested.append(form)
        elif period == "calibrate" and time.is_valid:
            recent.append((time.as_py(), text))
    first, last = (min(recent)[0], max(recent)[0]) if recent else (None, None)
    recent += [(time, text) for time, text in served if first and last and first <= time <= last]
    recent.sort(key=lambda row: row[0])
    return Known(tuple(text for _, text in recent), frozenset(tested), spec.seed)


def _rows(table: pa.Table, labels: list[str], forms: list[str], groups: list[int], answer_kind: AnswerKind) -> Rows:
    return Rows(
        outputs=table["output_text"].to_pylist(),
        labels=labels,
        inputs=table["input_text"].to_pylist(),
        forms=forms,
        groups=groups,
        statuses=table["status"].to_pylist(),
        truncated=[bool(cut) for cut in table["is_truncated"].to_pylist()],
        retries=[bool(retry) for retry in table["is_retry"].to_pylist()],
        finish_reasons=table["finish_reason"].to_pylist(),
        users=table["user_hash"].to_pylist(),
        roles=texts(table, "role"),
        top_logprobs=table["top_logprobs"].to_pylist(),
        sample_agreements=table["sample_agreement"].to_pylist(),
        response_schemas=table["response_schema"].to_pylist(),
        answer_kind=answer_kind,
    )


def _dropped(table: pa.Table, reasons: list[str | None], scope: str) -> list[dict[str, str]]:
    pairs = zip(table["call_id"].to_pylist(), reasons, strict=True)
    return [{"call_id": call_id, "reason": reason, "scope": scope} for call_id, reason in pairs if reason is not None]


def _detail(usable: Filtered, trainable: Filtered) -> dict[str, object]:
    steps = [*usable.funnel, *trainable.funnel]
    return {
        "funnel": [asdict(step) for step in steps],
        "dropped": _totals(steps),
        "trainable_rows": trainable.funnel[-1].rows_out if trainable.funnel else 0,
    }


def _totals(steps: list[Step]) -> dict[str, int]:
    return {reason: count for step in steps for reason, count in step.reasons.items()}
