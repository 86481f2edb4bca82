"""The next round of a student: what failed, what was hardly taught and what the router left over, as a new plan.

Failing inputs of an evaluation are test rows and never train. So the lessons nearest to them are answered again, since
these are what misled the student; answers that were hardly taught are made up; calls imported since join by themselves.
Failures at work become lessons: with the answer that people said was right, else the teacher's, else one asked for.
"""

import math
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from analytics.errors import DataMissing, UnknownName
from analytics.record import Record, students, utc_now
from analytics.workspace import Workspace
from pipeline import failures, registry
from pipeline.contracts import PlanSpec, Teaching
from pipeline.evaluated import Evaluated, open_evaluated, stage_folder
from pipeline.evaluation.failure_modes import FEW_LESSONS
from pipeline.examples import ROWS, read_table, texts
from pipeline.failure_lessons import Lessons, write_lessons
from pipeline.periods import LEARNING
from pipeline.plan import Plan, Recipe, make_plan
from pipeline.teaching.estimate import estimate
from pipeline.teaching.known_rows import known_rows

NEAREST = 3  # lessons a failing input
NO_QUEUE = "no failure at work yet"
NOTHING = Lessons("", 0, 0, 0, ())
CAP_ABOVE_P90, LEAST_CAP_USD = 1.25, 1.0  # an estimate of a few cents is rough


@dataclass(frozen=True)
class NextRound:
    """A plan for another round, with its reasons. Nothing is started."""

    student_id: str
    plan_id: str
    is_new: bool  # False: nothing would change, so the plan is the one that made the student
    relabel_rows: int
    synthetic_rows: int
    router_queue: str  # what waits there and what becomes of it
    failure_lessons: int  # failures at work that teach with an answer
    failures_to_ask: int  # that the teacher is asked about
    cost_p50_usd: float
    cost_p90_usd: float
    max_spend_usd: float | None
    pays: str | None  # by the learning curve; None: cannot say
    why: list[str]


def next_round(
    workspace: Workspace,
    name: str,
    teacher: str | None = None,
    teacher_url: str | None = None,
    rows: int = 300,
    cap_usd: float | None = None,
) -> NextRound:
    """The plan after the newest student of a task, or after one student.

    teacher: whom to pay, the plan's own when left out; without either only newer calls can make a difference.
    """
    found = open_evaluated(workspace, _student_id(workspace, name))
    before = found.spec.teaching
    lessons = _lessons(workspace, found, ask=bool(teacher or before))
    teaching, why = _teaching(workspace, found, teacher, teacher_url, rows, lessons)
    spec = replace(found.spec, lessons=lessons.name)
    cap = cap_usd if cap_usd is not None or teaching is None else _cap_usd(workspace, spec, teaching)
    plan = _plan(workspace, spec, teaching, cap)
    queue = _router_queue(lessons)
    is_new = plan.plan_id != found.card["plan_id"]
    why += [queue] + ([] if is_new else ["nothing would change: name a --teacher, or import newer calls first"])
    curve = found.evaluation.get("learning_curve") or {}
    return NextRound(
        found.card["student_id"], plan.plan_id, is_new, len(teaching.focus) - len(lessons.open) if teaching else 0,
        teaching.synthetic_rows if teaching else 0, queue, lessons.answered, len(lessons.open), plan.cost_usd.p50,
        plan.cost_usd.p90, cap, curve.get("verdict"), [*why, *([f"learning curve: {curve['why']}"] if curve else [])],
    )  # fmt: skip


def _student_id(workspace: Workspace, name: str) -> str:
    """A student by its id, else the newest of a task."""
    with Record(workspace).read() as connection:
        known = connection.execute(sa.select(students.c.student_id, students.c.task_id)).all()
        if name in [row.student_id for row in known]:
            return name
        task_id = _task_id(workspace, name, [row.student_id for row in known])
        found = registry.previous_student(connection, task_id, utc_now())
    if found is None:
        raise DataMissing(f"{name} has no student yet; make one first: spiritsafe plan {name}")
    return found.student_id


def _task_id(workspace: Workspace, name: str, known: list[str]) -> str:
    from analytics import api

    try:
        return str(api.find_task(workspace, name).task_id)
    except (DataMissing, UnknownName) as error:
        raise UnknownName("task or student", name, known) from error


def _teaching(
    workspace: Workspace, found: Evaluated, teacher: str | None, url: str | None, rows: int, lessons: Lessons
) -> tuple[Teaching | None, list[str]]:
    """What the teacher is paid for, and why; None where there is no teacher or nothing to ask."""
    focus = misleading_lessons(workspace, found, rows)
    thin = found.evaluation.get("thin_classes", [])
    wanted = sum(FEW_LESSONS - one["lessons"] for one in thin)
    why = [_mode_line(mode) for mode in found.evaluation.get("failure_modes", [])[:3]]
    why += [f"{one['label']}: {one['lessons']} lessons, {one['calls']} calls in the newest traffic" for one in thin[:3]]
    before = found.spec.teaching
    model = teacher or (before.model if before else None)
    wishes = (("label", lessons.open), ("relabel", focus), ("synthetic", wanted))
    jobs = tuple(job for job, has in wishes if has)
    if model is None or not jobs:
        reason = "no teacher is named, so nothing is asked" if model is None else "no failure to learn from"
        return None, [*why, reason]
    base = replace(before, model=model) if before else Teaching(model, url)
    asked = replace(
        base, jobs=jobs, focus=(*focus, *lessons.open), rows=max(len(focus), len(lessons.open)), synthetic_rows=wanted,
        api_base=url or base.api_base,
    )  # fmt: skip
    return asked, [
        *why,
        f"asks again for {len(focus)} lessons next to failures, makes up {wanted} inputs of rare answers",
    ]


def _mode_line(mode: dict[str, Any]) -> str:
    return f"{mode['name']}: {mode['failures']} failures ({mode['share_of_failures']:.0%}); {mode['would_help'][0]}"


def misleading_lessons(workspace: Workspace, found: Evaluated, most: int) -> list[str]:
    """Ids of the lessons nearest to inputs that failed, the nearest first, at most so many."""
    from analytics.embed import embed

    compared = found.compared
    failed = [at for at in compared.places("new inputs") if compared.said[at] != compared.teacher[at]]
    split = stage_folder(workspace, found.card["run_id"], "split")
    learned = pa.concat_tables([read_table(split / f"{name}.parquet", ROWS) for name in LEARNING])
    lessons = learned.filter(pc.is_null(learned["drop_reason"]))
    if not failed or not len(lessons):
        return []
    likeness = embed([compared.forms[at] for at in failed]) @ embed(texts(lessons, "form")).T
    nearest = np.argsort(-likeness, axis=1, kind="stable")[:, :NEAREST]
    best: dict[int, float] = {}
    for row, places in enumerate(nearest.tolist()):
        for place in places:
            best[place] = max(best.get(place, -1.0), float(likeness[row, place]))
    ids = texts(lessons, "call_id")
    return [ids[place] for place in sorted(best, key=lambda place: (-best[place], place))[:most]]


def _cap_usd(workspace: Workspace, spec: PlanSpec, teaching: Teaching) -> float:
    """A quarter above what nine of ten such rounds cost, in whole cents, at least a dollar."""
    paid = estimate(workspace, teaching, known_rows(workspace, spec), spec.seed)
    return max(LEAST_CAP_USD, math.ceil(100 * CAP_ABOVE_P90 * paid.cost_p90_usd) / 100)


def _plan(workspace: Workspace, spec: PlanSpec, teaching: Teaching | None, cap_usd: float | None) -> Plan:
    chosen = {field.name: getattr(spec, field.name) for field in fields(Recipe)}
    if teaching is not None:
        chosen |= {"teaching": teaching, "cap_usd": cap_usd}
    pairs = replace(spec.pairs, content_sha256="") if spec.pairs else None
    return make_plan(workspace, Recipe(**chosen), None if pairs else spec.task_id, pairs)


def _lessons(workspace: Workspace, found: Evaluated, *, ask: bool) -> Lessons:
    """What failures at work teach; nothing where the student was made from pairs."""
    if found.spec.task_id is None:
        return NOTHING
    return write_lessons(workspace, failures.of_task(workspace, found.spec.task_id), ask=ask)


def _router_queue(lessons: Lessons) -> str:
    """What waits there, and what becomes of it."""
    if not lessons.failures:
        return NO_QUEUE
    told = (
        f"{lessons.failures} failures at work, {lessons.labelled} labelled: {lessons.answered} lessons with an answer"
    )
    return told + (f", {len(lessons.open)} to ask the teacher about" if lessons.open else "")
