"""The stages of a run, one module each, found by name and imported only when they run."""

import importlib
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from pipeline.contracts import STAGES, PlanSpec, StageInputs, StageResult

RunStage = Callable[[PlanSpec, StageInputs, Path], StageResult]

DOES = {
    "collect": "read the newest calls of the task, or the pairs",
    "teach": "ask a paid teacher, where the plan says so",
    "filter": "drop what must not train, each by its reason",
    "split": "cut by time and near-duplicate group: train, tune, calibrate, test",
    "train": "fit the student and its confidence",
    "evaluate": "compare with the teacher on calls that it has never seen",
    "calibrate": "choose the threshold for the risk target",
    "register": "write the immutable card and keep the student",
}


def table() -> Mapping[str, RunStage]:
    """What runs for each stage, in order."""
    return {name: partial(_run, name) for name in STAGES}


def _run(name: str, spec: PlanSpec, inputs: StageInputs, out: Path) -> StageResult:
    module = importlib.import_module(f"pipeline.stages.{name}")
    result: StageResult = module.run(spec, inputs, out)
    return result
