"""What each base would mean for each task: does it fit, how long does it train, from which bill on does it pay.

Predicted from what the log says of the task and the catalogue of the base; where a student was made of it, its
agreement stands beside.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from analytics.assumptions import Assumptions
from analytics.break_even import break_even
from analytics.briefs import student_case
from analytics.errors import DataMissing
from analytics.inputs import inputs_of
from analytics.kept_tasks import task_rows
from analytics.workspace import Workspace
from pipeline import registry
from pipeline.base_models import BaseModel
from pipeline.contracts import PlanSpec, Training
from pipeline.machines import Machine, find_machine
from pipeline.students.neural.settings import BATCH, method_of, steps_of
from pipeline.training_forecast import MARGIN, PREFIX_TOKENS, Lengths, load_of
from pipeline.training_memory import training_memory
from pipeline.training_time import seconds, training_flops

PLANNED = 8.03e9  # weights of the base whose serving capacity is assumed (l40s_capacity_rps)
WANTED = ("distill", "pilot")
Tried = Mapping[tuple[str, str], list[dict[str, Any]]]  # students by base and task
LEAST, MOST = 0.05, 50.0  # of the capacity multiplier


@dataclass(frozen=True)
class Meaning:
    """One base for one task."""

    task_id: str
    task: str
    verdict: str
    fits: bool  # training with adapters, on this machine as it is now
    needed_gb: float
    train_hours: float | None  # None: the log gives no lengths
    pays_from_usd: float | None  # S* a month from which such a student breaks even within 12 months; None: never
    star_spend_usd: float  # S* of the task
    tried: list[dict[str, Any]]  # students that were made of it

    @property
    def sentence(self) -> str:
        """In words."""
        if self.tried:
            told = (f"{one['student_id']} agrees on {one['agreement']:.1%}" for one in self.tried)
            return f"tried: {', '.join(told)}"
        pays = "pays at no bill" if self.pays_from_usd is None else f"pays from ${self.pays_from_usd:,.0f} a month"
        if not self.fits:
            return f"needs {self.needed_gb:.1f} GB to train, not here; {pays}"
        hours = "" if self.train_hours is None else f"trains in {self.train_hours:.1f} h; "
        return f"{hours}{pays}"


@dataclass(frozen=True)
class _Task:
    row: Mapping[str, Any]
    lengths: Lengths | None
    case: Assumptions


def meanings(workspace: Workspace, bases: Iterable[BaseModel], task_id: str | None = None) -> dict[str, list[Meaning]]:
    """By base, one entry a task of the newest analysis; empty without one."""
    try:
        rows = [row for row in task_rows(workspace) if task_id in (None, row["task_id"])]
    except DataMissing:
        return {}
    tasks = [_Task(row, lengths_of(row["profile"]), student_case(workspace, row)) for row in rows]
    made, place = _tried(workspace), find_machine(None)
    return {base.name: [_meaning(base, task, place, made) for task in tasks] for base in bases}


def is_wanted(meaning: Meaning) -> bool:
    """Whether a person at a terminal wants to see it: a student is asked for, or there is one."""
    return meaning.verdict in WANTED or bool(meaning.tried)


def lengths_of(profile: Mapping[str, Any]) -> Lengths | None:
    """Tokens of the rows that would train, as the provider billed them, without the constant part of the prompt."""
    read, said = profile["mean_input_tokens"], profile["mean_output_tokens"]
    if read is None or said is None:
        return None
    read *= 1 - ((profile.get("narrowness") or {}).get("template_share") or 0.0)
    share = 1 - PlanSpec.test_share - PlanSpec.calibrate_share - PlanSpec.tune_share
    rows = max(1, round(share * min(profile["trainable_rows"], PlanSpec.max_rows)))
    return Lengths(rows, read + said, 2 * (read + said), said)


def pays_from_usd(case: Assumptions, parameters: int) -> float | None:
    """Bill from which a student of so many weights on a GPU breaks even within 12 months.

    Its capacity is that assumed for 8B in inverse proportion to the weights, as when reading them bounds it.
    """
    smaller = min(MOST, max(LEAST, case.value("capacity_multiplier") * PLANNED / parameters))
    served = case.at("capacity_multiplier", smaller).at("cpu_capacity_rps", 0.0)
    return break_even(inputs_of(served)).first_usd


def _meaning(base: BaseModel, task: _Task, place: Machine, made: Tried) -> Meaning:
    needed_gb, hours = _training(base, task.lengths, place)
    return Meaning(
        task_id=task.row["task_id"],
        task=task.row["name"],
        verdict=task.row["verdict"],
        fits=needed_gb <= place.available_gb,
        needed_gb=round(needed_gb, 2),
        train_hours=hours,
        pays_from_usd=pays_from_usd(task.case, base.parameters),
        star_spend_usd=task.case.value("monthly_spend_usd"),
        tried=made.get((base.name, task.row["task_id"]), []),
    )


def _training(base: BaseModel, lengths: Lengths | None, place: Machine) -> tuple[float, float | None]:
    """Memory [1e9 bytes] and time [hours] with adapters, as a plan with no other flag would say."""
    training = Training()
    known = lengths or Lengths(1, 256.0, 256.0, 64.0)
    needed_gb = MARGIN * training_memory(base, load_of(base, training, known, place)).total / 1e9
    if lengths is None:
        return needed_gb, None
    mean = min(known.mean, float(training.max_tokens))
    tokens = steps_of(training, known.rows, place.device) * (training.batch_size or BATCH) * mean
    answer = tokens * min(1.0, known.answer / known.mean)
    flops = training_flops(base, method_of(training), tokens, answer, mean + PREFIX_TOKENS, False)
    return needed_gb, seconds(flops, place.flops) / 3_600


def _tried(workspace: Workspace) -> Tried:
    """Students by base and task; short trainings of probes are said as such."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for card in registry.list_students(workspace):
        base, agreement = card.get("base"), card.get("agreement")
        if base and card.get("task_id") and agreement:
            shown = {"student_id": card["student_id"], "agreement": agreement["value"]}
            shown["is_probe"] = registry.is_probe(card)
            found.setdefault((base["name"], card["task_id"]), []).append(shown)
    return found
