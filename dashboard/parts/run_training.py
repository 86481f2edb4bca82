"""What a run's training and filters say: loss, speed, money, memory, and where rows were lost."""

from typing import Any

import pandas as pd
import streamlit as st

from analytics.reports import present
from dashboard import building
from dashboard.charts import training as charts
from dashboard.parts.page import draw, ink, show_table
from pipeline.api import RunView


def training(view: RunView) -> None:
    """The newest step in figures, and the loss so far; nothing for a student that trains in one go."""
    if view.events:
        _figures(view, view.events[-1])
        steps = building.curve(view.run_id)
        if len(steps) > 1:
            draw(charts.loss(steps, ink()), f"loss-{view.run_id}")
    if view.training:
        st.caption(_measured(view.training))


def _figures(view: RunView, step: dict[str, Any]) -> None:
    paid = sum(step[name] for name in ("paid_usd", "machine_usd") if step.get(name) is not None)
    parts = [name for name, key in (("calls", "paid_usd"), ("machine", "machine_usd")) if step.get(key) is not None]
    with st.grid(4, min_column_width=130):
        st.metric("Step", f"{step['step']:,} of {step['steps']:,}", border=True)
        st.metric("Loss", f"{step['loss']:.3f}", border=True, help=f"Learning rate {step['learning_rate']:.2e}")
        st.metric("Tokens a second", present.count(step["tokens_per_s"]), border=True, help="Useful ones: no padding")
        st.metric(
            "Spent", present.usd(paid), border=True, delta=f"of {present.usd(view.cap_usd)} cap", delta_color="off",
            delta_arrow="off", help=f"Counted: {' and '.join(parts) or 'nothing; rent was not stated'}",
        )  # fmt: skip


def _measured(found: dict[str, Any]) -> str:
    """Predicted beside measured."""
    memory = [_gb(found[name]) for name in ("predicted_gb", "peak_gb")]
    time = [present.seconds(found[name]) for name in ("predicted_train_s", "train_s")]
    return f"Memory {memory[0]} predicted, {memory[1]} measured. Training {time[0]} predicted, {time[1]} measured."


def _gb(value: float | None) -> str:
    return present.MISSING if value is None else f"{value:.1f} GB"


def funnel(view: RunView) -> None:
    """How many rows each filter took out, and why."""
    stage = next((one for one in view.stages if one.name == "filter" and one.detail), None)
    if stage is None or not (steps := (stage.detail or {}).get("funnel")):
        return
    with st.expander(
        f"Filters: {present.count(steps[0]['rows_in'])} rows in, {present.count(steps[-1]['rows_out'])} left"
    ):
        draw(charts.funnel(steps, ink()), f"funnel-{view.run_id}")
        show_table(pd.DataFrame(rows_of(steps)), "Rows dropped by each filter", f"filters-{view.run_id}")


def rows_of(steps: list[dict[str, Any]]) -> list[dict[str, str]]:
    """A line a filter."""
    return [
        {
            "filter": present.words(step["filter"]),
            "rows in": present.count(step["rows_in"]),
            "rows out": present.count(step["rows_out"]),
            "dropped because": ", ".join(f"{present.words(why)} {n:,}" for why, n in step["reasons"].items())
            or present.MISSING,
        }
        for step in steps
    ]
