"""The command line that makes a plan again."""

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from pipeline.contracts import Evaluating, Gate, PlanSpec, Teaching, Training

PLAIN = ("student", "features", "base", "objective", "alpha", "delta", "seed", "max_rows")
TEACHING = {  # fields of Teaching by the names of their flags
    "api_base": "--teacher-url", "samples": "--samples", "rows": "--teach-rows", "synthetic_rows": "--synthetic-rows",
    "use_batch": "--batch", "daily_cap_usd": "--daily-cap", "least_accuracy": "--least-teacher-accuracy",
}  # fmt: skip
GATE = ("margin", "least_rows", "candidates")
EVALUATING = {"judge": "--judge", "api_base": "--compare-url", "rows": "--compare-rows"}


def plan_command(spec: PlanSpec) -> str:
    """``spiritsafe plan`` with every choice that is not the default."""
    words = ["spiritsafe", "plan", *_source(spec)]
    words += _flags(spec, PlanSpec, PLAIN)
    words += _flags(spec.training, Training, [field.name for field in fields(Training)])
    if spec.cap_usd is not None:
        words += ["--cap", str(spec.cap_usd)]
    if spec.teaching is not None:
        words += ["--teacher", spec.teaching.model, "--teach", ",".join(spec.teaching.jobs)]
        words += _flags(spec.teaching, Teaching, TEACHING, TEACHING)
    words += _flags(spec.gate, Gate, GATE)
    words += ["--compare", ",".join(spec.evaluating.compare)] if spec.evaluating.compare else []
    words += _flags(spec.evaluating, Evaluating, EVALUATING, EVALUATING)
    return shlex.join(words)


def _source(spec: PlanSpec) -> list[str]:
    pairs = spec.pairs
    if pairs is None:
        return [str(spec.task_id)]
    words = ["--pairs", pairs.path, "--input", pairs.input_column, "--output", pairs.output_column]
    words += ["--gold", pairs.gold_column] if pairs.gold_column else []
    return words + (["--test", pairs.test_path] if pairs.test_path else [])


def _flags(chosen: Any, contract: Any, names: Iterable[str], flags: Mapping[str, str] | None = None) -> list[str]:
    """Choices that are not the contract's default; a flag is called as its field unless ``flags`` says otherwise."""
    words: list[str] = []
    for name in names:
        value = getattr(chosen, name)
        if value == getattr(contract, name) or value is None:
            continue
        flag = (flags or {}).get(name) or f"--{name.replace('_', '-')}"
        words += [flag] if value is True else [flag, str(value)]
    return words
