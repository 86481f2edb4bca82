"""The address that asks the form of runs for a plan again."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from pipeline.api import PlanSpec, TrainingFlags

BASE = "smollm2-135m-instruct"  # of a decoder, where none is named


def as_query(spec: PlanSpec) -> dict[str, str | list[str]]:
    """The address that asks the form for this plan again: what is not at its default, by the names of the fields."""
    rung = f"{spec.student}:{spec.features}" if spec.features != "static" else spec.student
    said: dict[str, Any] = {"kinds": [rung], "alpha": f"{100 * spec.alpha:g}", "delta": f"{100 * spec.delta:g}"}
    said |= {"max_rows": spec.max_rows, "seed": spec.seed, "cap": spec.cap_usd, "task": spec.task_id}
    if spec.student == "causal":
        said |= {"bases": [spec.base or BASE], "objective": spec.objective}
    said |= _different(vars(spec.training), vars(TrainingFlags().training()), TRAINING)
    if spec.teaching:
        said |= {"teacher": spec.teaching.model, "teach": list(spec.teaching.jobs)}
        said |= {"teacher_url": spec.teaching.api_base, "teach_rows": spec.teaching.rows}
        said |= {"samples": spec.teaching.samples, "synthetic_rows": spec.teaching.synthetic_rows}
    said |= {"margin": f"{100 * spec.gate.margin:g}", "least_rows": spec.gate.least_rows}
    if spec.evaluating.compare:
        said["compare"] = ",".join(spec.evaluating.compare)
    said |= {"judge": spec.evaluating.judge, "compare_url": spec.evaluating.api_base}
    return {
        name: value if isinstance(value, list) else _plain(value) for name, value in said.items() if value is not None
    }


TRAINING = tuple(field.name for field in fields(TrainingFlags))


def _plain(value: Any) -> str:
    """As an address writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _different(chosen: Mapping[str, Any], default: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: chosen[name] for name in names if chosen[name] != default[name]}
