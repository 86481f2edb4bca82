"""The student against the teacher, the baselines, its predecessor and the truth where it is known.

The headline is agreement on *new* inputs: near-duplicate groups that no earlier period holds. Agreement on the
traffic as it came stands beside it, since that is what a router meets. Answers are compared in their plain form:
``Category: x`` and ``x`` mean the same.
"""

import time
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from analytics.contracts import Interval
from analytics.statistics import mcnemar_exact, quantile
from pipeline import forgetting
from pipeline.artifacts import TIMINGS, write_json
from pipeline.contracts import PlanSpec, StageInputs, StageResult, Student
from pipeline.examples import ROWS, read_table, texts
from pipeline.scores import agreement, class_scores, iso_weeks, length_terciles, macro_f1, slice_scores
from pipeline.stages.train import FOLDER, size_bytes
from pipeline.students import Lessons, load_student
from pipeline.students.parts.baselines import fit_lookup
from pipeline.students.parts.steady import steady_sums

FILE = "evaluation.json"
TIMED_CALLS = 300
WARM_UP_CALLS = 10  # the first calls load the embedding


@dataclass(frozen=True)
class Compared:
    """The newest traffic with everyone's answers to it, one entry a row."""

    table: pa.Table
    teacher: list[str]
    student: list[str]
    is_new: list[bool]

    def new(self, column: list[str]) -> list[str]:
        """A column's entries on new inputs alone."""
        return [value for value, fresh in zip(column, self.is_new, strict=True) if fresh]


def run(spec: PlanSpec, inputs: StageInputs, out: Path) -> StageResult:
    """Write ``evaluation.json``, the same for the same student and rows, and ``timings.json``."""
    split, folder = inputs.folders["split"], inputs.folders["train"] / FOLDER
    traffic = read_table(split / "traffic.parquet", ROWS)
    new_ids = set(read_table(split / "test.parquet", ROWS)["call_id"].to_pylist())
    student = load_student(folder)
    began_s = time.perf_counter()
    with steady_sums():
        said = answers(student, texts(traffic, "input_text"))
    seconds = time.perf_counter() - began_s
    is_new = [call_id in new_ids for call_id in traffic["call_id"].to_pylist()]
    compared = Compared(traffic, texts(traffic, "label"), said, is_new)
    evaluation = _figures(compared) | {
        "baselines": _baselines(compared, split),
        "previous": _previous(compared, inputs),
        "bytes": size_bytes(folder),
        "kind": spec.student,
        "features": spec.features,
        **forgetting.report(student, inputs.home),
    }
    write_json(out / FILE, evaluation)
    timings = {"latency_ms": _latency_ms(student, texts(traffic, "input_text")), "evaluate_seconds": seconds}
    write_json(out / TIMINGS, timings)
    detail = {name: evaluation[name] for name in ("agreement", "agreement_traffic", "macro_f1", "accuracy_gold")}
    return StageResult(len(traffic), len(new_ids), detail)


def answers(student: Student, inputs: list[str]) -> list[str]:
    """The student's outputs; a text that comes twice is asked once."""
    distinct = sorted(set(inputs))
    said = {text: answer.output for text, answer in zip(distinct, student.answer(distinct), strict=True)}
    return [said[text] for text in inputs]


def _figures(compared: Compared) -> dict[str, object]:
    scores = class_scores(compared.new(compared.student), compared.new(compared.teacher))
    gold = _gold(compared)
    return {
        "agreement": _plain(agreement(compared.new(compared.student), compared.new(compared.teacher))),
        "agreement_traffic": _plain(agreement(compared.student, compared.teacher)),
        "macro_f1": macro_f1(scores),
        "classes": [asdict(score) for score in scores],
        "slices": _slices(compared),
        "gold": gold,
        "accuracy_gold": gold["new_inputs"]["student"] if gold else None,
        "teacher_accuracy_gold": gold["new_inputs"]["teacher"] if gold else None,
        "compared_after": "formatting slips of the teacher (lead-in, quotes, full stop, code fence) put aside",
        "formatting_slips": _slips(compared),
    }


def _slips(compared: Compared) -> int:
    written = [answer.strip() for answer in texts(compared.table, "output_text")]
    return sum(one != other for one, other in zip(written, compared.teacher, strict=True))


def _slices(compared: Compared) -> list[dict[str, object]]:
    inputs = texts(compared.table, "input_text")
    cuts = {
        "input length": length_terciles(inputs),
        "seen before": ["first seen" if fresh else "repeated" for fresh in compared.is_new],
        "week": iso_weeks(compared.table["requested_at"].to_pylist()),
    }
    if not any(compared.table["requested_at"].to_pylist()):
        del cuts["week"]
    said, teacher = compared.student, compared.teacher
    return [asdict(row) for name, values in cuts.items() for row in slice_scores(name, values, said, teacher)]


def _gold(compared: Compared) -> dict[str, dict[str, object]] | None:
    """Student and teacher against the truth, on new inputs and on the traffic; None where no truth is known."""
    gold = compared.table["gold"].to_pylist()
    parts = {"new_inputs": compared.is_new, "traffic": [True] * len(gold)}
    if not any(answer is not None for answer in gold):
        return None
    return {name: _against_gold(compared, gold, wanted) for name, wanted in parts.items()}


def _against_gold(compared: Compared, gold: list[str | None], wanted: list[bool]) -> dict[str, object]:
    rows = zip(compared.student, compared.teacher, gold, wanted, strict=True)
    kept = [(student == truth, teacher == truth) for student, teacher, truth, use in rows if use and truth is not None]
    right = [[pair[side] for pair in kept] for side in (0, 1)]
    truth_text = [str(number) for number in range(len(kept))]
    student, teacher = (
        agreement([text if ok else "" for text, ok in zip(truth_text, side, strict=True)], truth_text) for side in right
    )
    test = mcnemar_exact(right[0], right[1])
    return {"student": _plain(student), "teacher": _plain(teacher), "mcnemar": test._asdict()}


def _baselines(compared: Compared, split: Path) -> dict[str, object]:
    """The commonest answer and the lookup, learned from the same rows as the student."""
    learned = pa.concat_tables([read_table(split / f"{name}.parquet", ROWS) for name in ("train", "tune")])
    teaching = learned.filter(pc.is_null(learned["drop_reason"]))
    forms, labels = texts(teaching, "form"), texts(teaching, "label")
    lookup = fit_lookup(Lessons(forms, labels, [True] * len(forms)))
    found = {
        "majority": [lookup.majority] * len(compared.teacher),
        "lookup": lookup.answer(texts(compared.table, "form")),
    }
    return {
        name: {
            "agreement": _plain(agreement(compared.new(said), compared.new(compared.teacher))),
            "agreement_traffic": _plain(agreement(said, compared.teacher)),
        }
        for name, said in found.items()
    }


def _previous(compared: Compared, inputs: StageInputs) -> dict[str, object] | None:
    """This student and the one before it on the same new inputs (exact McNemar); None when it is the first."""
    folder = inputs.folders.get("previous")
    if folder is None:
        return None
    before = load_student(folder / FOLDER if (folder / FOLDER).is_dir() else folder)
    asked, teacher = compared.new(texts(compared.table, "input_text")), compared.new(compared.teacher)
    with steady_sums():
        said = answers(before, asked)
    now = [one == other for one, other in zip(compared.new(compared.student), teacher, strict=True)]
    then = [one == other for one, other in zip(said, teacher, strict=True)]
    test = mcnemar_exact(now, then)
    return {
        "agreement": _plain(agreement(said, teacher)),
        "only_this": test.only_first,
        "only_previous": test.only_second,
        "p_value": test.p_value,
        "n": len(teacher),
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


def _plain(interval: Interval | None) -> dict[str, object] | None:
    return asdict(interval) if interval else None
