"""Where a figure of a brief comes from: its formula, its inputs with who set them, and the SQL that measured them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analytics.errors import UnknownName

SPENDING = ("monthly_spend_usd", "monthly_growth", "yearly_price_decline")
ONE_OFF = ("teacher_generation_usd", "gold_labels_usd", "training_usd", "evaluation_usd", "engineer_weeks",
           "engineer_week_usd")  # fmt: skip
SERVING = ("call_cost_usd", "fallback_share", "peak_to_mean", "target_utilisation", "min_replicas", "cpu_capacity_rps",
           "cpu_usd_per_hour", "l40s_capacity_rps", "l40s_usd_per_hour", "h100_capacity_rps", "h100_usd_per_hour",
           "gpu_price_multiplier", "capacity_multiplier", "gpu_overhead_share", "awake_share", "cold_start_s",
           "hosted_usd_per_million", "hosted_ops_usd_per_month", "tokens_per_call", "latency_target_ms")  # fmt: skip
MONTHLY = (*SPENDING, "build_months", "fallback_cost_ratio", "shadow_share", "judge_cost_share", "ops_usd_per_month",
           "retrain_every_months", "retrain_cost_share", "error_delta", "error_cost_calls", "committed_usd_per_month",
           "committed_months", *SERVING, *ONE_OFF)  # fmt: skip
CHANCE = (*MONTHLY, "yearly_discount", "project_failure_share", "failure_loss_share", "price_generation_correlation",
          "weeks_build_correlation")  # fmt: skip
LEVERS = ("prompt_cache_share", "exact_repeat_share", "semantic_cache_share", "semantic_cache_error", "batchable_share",
          "prompt_cut_share", "reasoning_spend_share", "small_model_price_ratio", "small_model_error_delta",
          "cascade_acceptance", "open_weights_price_ratio", "vendor_tuned_price_ratio")  # fmt: skip

# Which SQL measures an input; paths below sql/.
MEASURED_BY = {
    "monthly_spend_usd": ("queries/list_task_days.sql", "macros/call_cost.sql"),
    "monthly_growth": ("queries/list_task_days.sql",),
    "call_cost_usd": ("marts/tasks_by_period.sql", "macros/call_cost.sql"),
    "fallback_share": ("queries/sample_task_requests.sql", "queries/measure_repeats.sql"),
    "peak_to_mean": ("queries/measure_arrivals.sql",),
    "arrival_scv": ("queries/measure_arrivals.sql",),
    "awake_share": ("queries/measure_arrivals.sql",),
    "exact_repeat_share": ("queries/measure_cache_hits.sql",),
    "semantic_cache_share": ("queries/sample_task_requests.sql", "queries/measure_cache_hits.sql"),
    "semantic_cache_error": ("queries/sample_task_requests.sql",),
    "tokens_per_call": ("queries/list_task_models.sql",),
    "prompt_cache_share": ("queries/list_task_models.sql", "queries/measure_arrivals.sql"),
    "prompt_cut_share": ("queries/list_task_models.sql",),
    "reasoning_spend_share": ("queries/list_task_models.sql",),
    "small_model_price_ratio": ("queries/list_task_models.sql",),
    "open_weights_price_ratio": ("queries/list_task_models.sql",),
    "vendor_tuned_price_ratio": ("queries/list_task_models.sql",),
}


@dataclass(frozen=True)
class Figure:
    """How one figure is made."""

    key: str  # in the document of ``brief --json``
    formula: str
    code: str  # where it is computed
    inputs: tuple[str, ...]


@dataclass(frozen=True)
class Trace:
    """One figure with everything that it rests on."""

    figure: Figure
    value: Any
    inputs: list[dict[str, Any]]  # name, value, unit, origin, source, as_of, sql


FIGURES = {
    figure.key: figure
    for figure in (
        Figure("monthly_spend_usd", "spend of the newest 28 days per 30.4 days", "analytics/profile.py",
               ("monthly_spend_usd",)),
        Figure("star_spend_usd", "S* = S x product of (1 - share) over the levers that pay and pass the quality gate",
               "analytics/configuration.py", ("monthly_spend_usd", *LEVERS)),
        Figure("one_off_usd", "C0 = generation + labels + training + evaluation + weeks x cost of a week",
               "analytics/costs.py: one_off_usd", ONE_OFF),
        Figure("cumulative_12m_usd", "-C0 + sum of net over 12 months, on S*; net = saved - serving - operations - "
               "retraining - errors", "analytics/costs.py: net_usd, paths", MONTHLY),
        Figure("npv_24m_usd", "-C0 + sum of net / (1 + discount)^(t / 12) over 24 months, on S*",
               "analytics/costs.py: npv_usd", (*MONTHLY, "yearly_discount")),
        Figure("payback_months", "first month whose cumulative value is not negative, linear within it",
               "analytics/costs.py: payback_months", MONTHLY),
        Figure("break_even_spend_12m_usd", "first spend whose cumulative value over 12 months is not negative, by scan",
               "analytics/break_even.py", tuple(name for name in MONTHLY if name != "monthly_spend_usd")),
        Figure("p_break_even_12m", "share of draws whose cumulative value is not negative after 12 months",
               "analytics/simulate.py", CHANCE),
        Figure("p_break_even_24m", "share of draws whose cumulative value is not negative after 24 months",
               "analytics/simulate.py", CHANCE),
        Figure("npv_24m_p5_usd", "5th percentile of the present value over the draws", "analytics/simulate.py", CHANCE),
        Figure("npv_24m_p50_usd", "median of the present value over the draws", "analytics/simulate.py", CHANCE),
        Figure("npv_24m_p95_usd", "95th percentile of the present value over the draws", "analytics/simulate.py",
               CHANCE),
        Figure("retire_month", "first full month whose net is negative", "analytics/costs.py: retire_month", MONTHLY),
        Figure("evpi_usd", "E max(0, NPV) - max(0, E NPV)", "analytics/information.py", CHANCE),
        Figure("evsi_pilot_usd", "E max(0, E[NPV | what a pilot shows]) - max(0, E NPV)", "analytics/information.py",
               (*CHANCE, "pilot_usd")),
    )
}  # fmt: skip
ALIASES = {"net_12m": "cumulative_12m_usd", "npv_24m": "npv_24m_usd", "spend": "monthly_spend_usd",
           "s_star": "star_spend_usd", "payback": "payback_months"}  # fmt: skip


def trace(name: str, figures: Mapping[str, Any], assumptions: list[dict[str, Any]]) -> Trace:
    """What a figure rests on. UnknownName lists the figures that can be explained."""
    key = ALIASES.get(name, name)
    if key not in FIGURES:
        raise UnknownName("figure", name, [*FIGURES, *ALIASES])
    figure = FIGURES[key]
    used = {row["name"]: row for row in assumptions}
    rows = [{**used[one], "sql": _sql(used[one])} for one in dict.fromkeys(figure.inputs)]
    return Trace(figure, figures.get(key), sorted(rows, key=lambda row: ORDER[row["origin"]]))


ORDER = {"user-set": 0, "measured": 1, "default": 2}


def _sql(row: Mapping[str, Any]) -> list[str]:
    """Files that measured this input; none where it was not measured."""
    return [f"sql/{path}" for path in MEASURED_BY.get(row["name"], ())] if row["origin"] == "measured" else []
