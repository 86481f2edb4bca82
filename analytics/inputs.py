"""The assumptions as arrays, for formulas that serve one case, a scan and 200,000 draws alike."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analytics.assumptions import Assumptions

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Inputs:
    """The assumptions as arrays that broadcast together; meanings are in the registry."""

    monthly_spend_usd: Array
    monthly_growth: Array
    yearly_price_decline: Array
    teacher_generation_usd: Array
    gold_labels_usd: Array
    training_usd: Array
    evaluation_usd: Array
    engineer_weeks: Array
    engineer_week_usd: Array
    build_months: Array
    fallback_share: Array
    fallback_cost_ratio: Array
    gpu_price_multiplier: Array
    capacity_multiplier: Array
    peak_to_mean: Array
    ops_usd_per_month: Array
    retrain_every_months: Array
    retrain_cost_share: Array
    error_delta: Array
    error_cost_calls: Array
    project_failure_share: Array
    failure_loss_share: Array
    shadow_share: Array
    judge_cost_share: Array
    call_cost_usd: Array
    l40s_usd_per_hour: Array
    h100_usd_per_hour: Array
    l40s_capacity_rps: Array
    h100_capacity_rps: Array
    gpu_overhead_share: Array
    cpu_capacity_rps: Array
    cpu_usd_per_hour: Array
    hosted_usd_per_million: Array
    hosted_ops_usd_per_month: Array
    tokens_per_call: Array
    awake_share: Array
    cold_start_s: Array
    latency_target_ms: Array
    arrival_scv: Array
    service_scv: Array
    committed_usd_per_month: Array
    committed_months: Array
    target_utilisation: Array
    min_replicas: Array
    price_generation_correlation: Array
    weeks_build_correlation: Array
    pilot_usd: Array
    yearly_discount: Array
    exact_repeat_share: Array
    semantic_cache_share: Array
    semantic_cache_error: Array
    prompt_cache_share: Array
    batchable_share: Array
    prompt_cut_share: Array
    reasoning_spend_share: Array
    small_model_price_ratio: Array
    small_model_error_delta: Array
    cascade_acceptance: Array
    open_weights_price_ratio: Array
    vendor_tuned_price_ratio: Array

    def but(self, name: str, values: Array) -> "Inputs":
        """A copy with one input replaced, to scan over it."""
        return replace(self, **{name: values})


def inputs_of(assumptions: Assumptions) -> Inputs:
    """The values in use, one case."""
    return Inputs(
        **{name: np.array([setting.value], dtype=np.float64) for name, setting in assumptions.settings.items()}
    )
