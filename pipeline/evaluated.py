"""What a registered student was evaluated on, read again from its run."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from analytics.errors import DataMissing
from analytics.record import Record, stages
from analytics.workspace import Workspace
from pipeline import registry
from pipeline.artifacts import read_json, sealed_hash
from pipeline.contracts import PlanSpec
from pipeline.evaluation.compared import FILE as ANSWERS
from pipeline.evaluation.compared import Compared, read_answers
from pipeline.plan import load_spec
from pipeline.stages.evaluate import FILE as EVALUATION


@dataclass(frozen=True)
class Evaluated:
    """A student, the plan that made it, and its evaluation."""

    card: registry.Card
    spec: PlanSpec
    evaluation: dict[str, Any]
    compared: Compared


def open_evaluated(workspace: Workspace, student_id: str) -> Evaluated:
    """Everything that the run of a student kept. DataMissing where the run's folder is gone or damaged."""
    row = registry.find_student(workspace, student_id)
    card = registry.read_card(row.folder(workspace))
    spec = load_spec(workspace, card["plan_id"])
    split, evaluate = (stage_folder(workspace, row.run_id, name) for name in ("split", "evaluate"))
    evaluation = dict(read_json(row.folder(workspace) / EVALUATION))
    return Evaluated(card, spec, evaluation, read_answers(split, evaluate / ANSWERS, spec.seed))


def stage_folder(workspace: Workspace, run_id: str, name: str) -> Path:
    """The verified output of one stage of a run. Raises DataMissing."""
    with Record(workspace).read() as connection:
        mine = (stages.c.run_id == run_id) & (stages.c.stage == name) & (stages.c.state == "succeeded")
        path = connection.execute(sa.select(stages.c.path).where(mine)).scalar_one_or_none()
    if path is None or sealed_hash(workspace.home / path) is None:
        raise DataMissing(
            f"{run_id} has no intact output of its stage {name}; make it again: spiritsafe runs resume {run_id}"
        )
    return Path(workspace.home / path)


def write_inputs(compared: Compared, path: Path) -> None:
    """One JSON line a row, ``call_id`` and ``input``, for whoever answers them elsewhere."""
    rows = zip(compared.call_ids, compared.inputs, strict=True)
    lines = [json.dumps({"call_id": call_id, "input": text}, ensure_ascii=False) for call_id, text in rows]
    path.write_text("\n".join(lines) + "\n", "utf-8")
