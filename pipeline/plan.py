"""A plan: everything that decides what a run makes, priced and timed, under a name that is its hash."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

import sqlalchemy as sa

from analytics.errors import InputError, UnknownName
from analytics.record import Record, plans, utc_now
from analytics.workspace import Workspace
from pipeline import pace, source, stages
from pipeline.artifacts import canonical, short_hash
from pipeline.base_models import find_base, resolve
from pipeline.bases import base_name, encoder_base
from pipeline.code import code_version
from pipeline.contracts import STAGES, Evaluating, Features, Gate, PairsSource, PlanSpec, Teaching, Training
from pipeline.students import kind, kinds
from pipeline.tabular import existing
from pipeline.teaching.estimate import TeachEstimate, estimate
from pipeline.teaching.known_rows import known_rows
from pipeline.training_forecast import forecast

TUNE_S_PER_1000 = 30.0  # answering held-out rows, for the confidence
NO_PAID_CALL = "learns from answers that the log or the pairs already hold: no stage calls a paid model"


@dataclass(frozen=True)
class StagePlan:
    """One line of a plan."""

    name: str
    does: str
    rows: int
    seconds: float


@dataclass(frozen=True)
class Cost:
    """What a run is expected to pay others [USD]."""

    p50: float
    p90: float


@dataclass(frozen=True)
class Plan:
    """A plan with its estimate."""

    plan_id: str
    task_id: str | None
    task_name: str
    rows: int
    stages: list[StagePlan]
    cost_usd: Cost
    cost_reason: str
    seconds: float
    seconds_basis: str  # measured here, or the stated default
    cap_usd: float | None
    data_version: str
    spec: PlanSpec
    teacher: TeachEstimate | None = None  # what is paid for, where the plan has a teacher
    memory: dict[str, Any] | None = None  # of training, and whether this machine has it; None: no decoder is trained


@dataclass(frozen=True)
class Recipe:
    """What a person may choose; None means the contract's default."""

    student: str = PlanSpec.student
    features: str = PlanSpec.features
    base: str | None = None
    objective: str = PlanSpec.objective
    alpha: float = PlanSpec.alpha
    delta: float = PlanSpec.delta
    seed: int = PlanSpec.seed
    max_rows: int = PlanSpec.max_rows
    cap_usd: float | None = None
    training: Training = PlanSpec.training
    teaching: Teaching | None = None
    gate: Gate = PlanSpec.gate
    evaluating: Evaluating = PlanSpec.evaluating
    lessons: str = PlanSpec.lessons


def make_plan(workspace: Workspace, recipe: Recipe, task: str | None = None, pairs: PairsSource | None = None) -> Plan:
    """Check the choices, name the data, estimate, and write the plan to the record."""
    recipe = replace(recipe, base=resolve(recipe.base, workspace.home))
    _check_recipe(recipe)
    if (task is None) == (pairs is None):
        raise InputError("name a task, or pairs with --pairs FILE --input COL --output COL; not both")
    spec, rows = _from_pairs(recipe, pairs) if pairs else _from_task(workspace, recipe, str(task))
    plan = _estimate(workspace, spec, rows)
    _remember(workspace, plan)
    return plan


def load_spec(workspace: Workspace, plan_id: str) -> PlanSpec:
    """The spec of a plan in the record; UnknownName lists the newest plans."""
    with Record(workspace).read() as connection:
        row = connection.execute(sa.select(plans.c.spec).where(plans.c.plan_id == plan_id)).scalar_one_or_none()
        newest = sa.select(plans.c.plan_id).order_by(plans.c.created_at.desc()).limit(10)
        known = connection.execute(newest).scalars().all()
    if row is None:
        raise UnknownName("plan", plan_id, known)
    return spec_from_json(row)


def spec_from_json(text: str) -> PlanSpec:
    """The spec that ``canonical`` wrote."""
    data: dict[str, Any] = json.loads(text)
    pairs = data.pop("pairs")
    training, teaching = data.pop("training", {}), data.pop("teaching", None)
    gate, evaluating = data.pop("gate", {}), data.pop("evaluating", {})
    return PlanSpec(
        **data,
        pairs=PairsSource(**pairs) if pairs else None,
        training=Training(**training),
        teaching=_teaching(teaching) if teaching else None,
        gate=Gate(**gate),
        evaluating=Evaluating(**(evaluating | {"compare": tuple(evaluating.get("compare", ()))})),
    )


def _teaching(data: dict[str, Any]) -> Teaching:
    return Teaching(**(data | {name: tuple(data.get(name, ())) for name in ("jobs", "focus")}))


def plan_id_of(spec: PlanSpec) -> str:
    """Same choices, data and code: same name."""
    return f"plan_{short_hash(spec)}"


def _check_recipe(recipe: Recipe) -> None:
    if recipe.student not in kinds():
        raise UnknownName("student kind", recipe.student, kinds())
    objectives = kind(recipe.student).OBJECTIVES
    if recipe.objective not in objectives:
        raise UnknownName(f"objective of {recipe.student}", recipe.objective, objectives)
    if recipe.features not in get_args(Features):
        raise UnknownName("set of features", recipe.features, get_args(Features))
    _check_base(recipe)
    _check_numbers(recipe)


def _check_base(recipe: Recipe) -> None:
    if recipe.student == "causal":
        find_base(recipe.base)
        return
    if recipe.student == "encoder":
        encoder_base(recipe.base)
        return
    used = base_name(recipe.student, recipe.features)
    if recipe.base is None or recipe.base == used:
        return
    if used is None:
        raise InputError(f"--base: {recipe.student} with --features {recipe.features} builds on no base model")
    raise UnknownName("base model", recipe.base, [used])


def _check_numbers(recipe: Recipe) -> None:
    for name, value in (("--alpha", recipe.alpha), ("--delta", recipe.delta)):
        if not 0 < value < 1:
            raise InputError(f"{name} is a share between 0 and 1, both excluded, not {value}")
    if recipe.max_rows < 1:
        raise InputError(f"--max-rows is at least 1, not {recipe.max_rows}")
    if recipe.cap_usd is not None and not 0 <= recipe.cap_usd < float("inf"):
        raise InputError(f"--cap is an amount of USD, not {recipe.cap_usd}")


def _base_spec(recipe: Recipe) -> PlanSpec:
    chosen = dict(vars(recipe))
    if getattr(kind(recipe.student), "IGNORES_TRAINING", False):  # flags without effect make no other plan
        chosen["training"] = Training()
    return PlanSpec(task_id=None, task_name="", data_version="", code_version=code_version(), **chosen)


def _from_task(workspace: Workspace, recipe: Recipe, name: str) -> tuple[PlanSpec, int]:
    from analytics import api

    task = api.find_task(workspace, name)
    rows, version = min(task.calls, recipe.max_rows), source.log_version(workspace)
    return replace(_base_spec(recipe), task_id=task.task_id, task_name=task.name, data_version=version), rows


def _from_pairs(recipe: Recipe, pairs: PairsSource) -> tuple[PlanSpec, int]:
    train_rows, test_rows = source.count_pairs(pairs)
    placed = replace(
        pairs,
        path=str(existing(pairs.path)),
        test_path=str(existing(pairs.test_path)) if pairs.test_path else None,
        content_sha256=source.pairs_sha256(pairs),
    )
    version = short_hash(placed.content_sha256)
    named = replace(_base_spec(recipe), task_name=Path(pairs.path).stem, data_version=version, pairs=placed)
    return named, min(train_rows, recipe.max_rows) + test_rows


def _estimate(workspace: Workspace, spec: PlanSpec, rows: int) -> Plan:
    rates = pace.rates(workspace, spec)
    paid = estimate(workspace, spec.teaching, known_rows(workspace, spec), spec.seed) if spec.teaching else None
    seconds = {name: rates.seconds(name, rows) for name in STAGES}
    seconds["teach"] += paid.seconds if paid else 0.0
    training = forecast(workspace, spec)
    if training and not rates.is_measured:
        seconds["train"] += training.seconds - rates.seconds("train", rows) + TUNE_S_PER_1000 * rows / 1000
    lines = [StagePlan(name, stages.DOES[name], rows, round(seconds[name], 1)) for name in STAGES]
    return Plan(
        plan_id=plan_id_of(spec),
        task_id=spec.task_id,
        task_name=spec.task_name,
        rows=rows,
        stages=lines,
        cost_usd=Cost(paid.cost_p50_usd, paid.cost_p90_usd) if paid else Cost(0.0, 0.0),
        cost_reason=f"{paid.calls:,} calls of {paid.model} at {paid.price}" if paid else NO_PAID_CALL,
        seconds=round(sum(line.seconds for line in lines), 1),
        seconds_basis=rates.basis,
        cap_usd=spec.cap_usd,
        data_version=spec.data_version,
        spec=spec,
        teacher=paid,
        memory=training.as_json() if training else None,
    )


def _remember(workspace: Workspace, plan: Plan) -> None:
    row = {"plan_id": plan.plan_id, "task_id": plan.task_id, "spec": canonical(plan.spec), "created_at": utc_now()}
    with Record(workspace).write() as connection:
        known = connection.execute(sa.select(plans.c.plan_id).where(plans.c.plan_id == plan.plan_id)).first()
        if known is None:
            connection.execute(plans.insert().values(**row))
