"""The registry of economic inputs: unit, default, spread, range and source of each. Nothing else names them.

``docs/assumptions.md`` is printed from it.
"""

import math
from dataclasses import dataclass

REGISTERED_ON = "2026-11-24"  # the day on which the defaults and their sources were last gone through


@dataclass(frozen=True)
class Fixed:
    """A quantity that the simulation does not vary."""


@dataclass(frozen=True)
class Pert:
    """Beta distribution on [low, high] with this mode (the value) and shape 4."""

    low: float
    high: float


@dataclass(frozen=True)
class Lognormal:
    """Positive quantity: median as a multiple of the value, and the spread of its logarithm."""

    sigma: float
    median_ratio: float = 1.0


Spread = Fixed | Pert | Lognormal


@dataclass(frozen=True)
class Assumption:
    """One economic input as registered."""

    name: str
    unit: str
    default: float
    spread: Spread
    minimum: float  # smallest value accepted, and the start of the search for flip values
    maximum: float
    meaning: str
    source: str


# 90 % of a normal lies within this many standard deviations of its mean: turns p5 and p95 into sigma.
Z95 = 1.6448536269514722
_BRIEF = "project cost study, November 2026"
_JUDGED = "judgement; confirm for your organisation"

REGISTRY: tuple[Assumption, ...] = (
    Assumption("monthly_spend_usd", "USD / month", 20_000, Lognormal(0.15), 0, 1e8,
               "what the task costs on the API today", "your log, or the invoice"),
    Assumption("monthly_growth", "share / month", 0.0, Pert(-0.03, 0.05), -0.5, 0.5,
               "growth of the number of calls", "your log; flat until measured"),
    Assumption("yearly_price_decline", "share / year", 0.30, Pert(0.0, 0.60), 0, 0.95,
               "fall of the price actually paid", "same-tier list prices fell 15 to 41 % a year, 2024 to 2026"),
    Assumption("teacher_generation_usd", "USD", 10_000,
               Lognormal(math.log(50) / (2 * Z95), math.sqrt(1_000 * 50_000) / 10_000), 0, 1e7,
               "teacher calls that make the training set; 5 to 95 % of projects pay $1K to $50K",
               "30,000 accepted / 0.7 x 4 samples x $0.041 x 1.4 loops = $9,840"),
    Assumption("gold_labels_usd", "USD", 3_000, Lognormal(0.6), 0, 1e7,
               "human labels for the test set", "$0.05 to $2 a simple label, $1 and more for an expert"),
    Assumption("training_usd", "USD", 1_500, Pert(300, 6_000), 0, 1e7,
               "GPU time of all training runs and sweeps", "4.2 H100 hours a LoRA run of 30,000 rows, times sweeps"),
    Assumption("evaluation_usd", "USD", 1_000, Pert(300, 3_000), 0, 1e7,
               "student and judge calls of the evaluations", _BRIEF),
    Assumption("engineer_weeks", "weeks", 6, Lognormal(math.log(2) / Z95), 0, 520,
               "work until the student serves; 5 % of projects need twice the value", _BRIEF),
    Assumption("engineer_week_usd", "USD / week", 5_000, Fixed(), 0, 100_000,
               "loaded cost of one engineer", "$215K to $245K a year over 46 weeks"),
    Assumption("build_months", "months", 2, Pert(1, 4), 0, 24,
               "from the start until the student serves its first call", _BRIEF),
    Assumption("fallback_share", "share of calls", 0.10, Pert(0.03, 0.30), 0, 1,
               "calls that the student hands back to the API", "measured by calibration; default is " + _JUDGED),
    Assumption("fallback_cost_ratio", "ratio", 1.3, Pert(1, 2), 0.1, 20,
               "cost of a handed-back call against the average call", _JUDGED),
    Assumption("gpu_price_multiplier", "ratio", 1, Pert(0.6, 1.7), 0.05, 20,
               "GPU rent against the list prices below", "H100 moved between $1.70 and $12 an hour, 2023 to 2026"),
    Assumption("capacity_multiplier", "ratio", 1, Lognormal(0.35), 0.05, 50,
               "real against assumed GPU capacity", "roofline is 25 % under MLPerf v5.1"),
    Assumption("peak_to_mean", "ratio", 4, Pert(2, 10), 1, 100,
               "99th percentile of one-minute demand over the mean", "your log; default is " + _JUDGED),
    Assumption("ops_usd_per_month", "USD / month", 1_500, Pert(500, 4_000), 0, 1e6,
               "on-call, monitoring and hosting around the student", _JUDGED),
    Assumption("retrain_every_months", "months", 6, Pert(4, 12), 0.5, 120,
               "time between retrainings", "teachers retire with 3 to 6 months' notice"),
    Assumption("retrain_cost_share", "share of one-off cost", 0.25, Pert(0.10, 0.50), 0, 2,
               "cost of one retraining", _JUDGED),
    Assumption("error_delta", "errors / call", 0.002, Pert(-0.005, 0.010), -0.5, 0.5,
               "student's error rate minus the teacher's on calls it serves", "after a gate of one point"),
    Assumption("error_cost_calls", "calls", 10, Lognormal(0.7), 0, 1e6,
               "what one extra error costs, in calls", _JUDGED),
    Assumption("project_failure_share", "share of projects", 0.03, Fixed(), 0, 1,
               "projects that never serve", _JUDGED),
    Assumption("failure_loss_share", "share of one-off cost", 0.60, Fixed(), 0, 1,
               "one-off cost lost when the project fails", _JUDGED),
    Assumption("shadow_share", "share of served calls", 0.01, Fixed(), 0, 1,
               "served calls that the teacher answers as well, for audit", _BRIEF),
    Assumption("judge_cost_share", "ratio", 0.5, Fixed(), 0, 20,
               "cost of judging one audited call against the call", _BRIEF),
    Assumption("call_cost_usd", "USD / call", 0.006, Fixed(), 1e-7, 1_000,
               "average API call today; sets the number of calls", "1,500 tokens in, 300 out at $2 / $10 per million"),
    Assumption("l40s_usd_per_hour", "USD / hour", 1.95, Fixed(), 0.001, 1_000,
               "rent of one L40S", "Modal, May 2026"),
    Assumption("h100_usd_per_hour", "USD / hour", 3.99, Fixed(), 0.001, 1_000,
               "rent of one H100 SXM", "RunPod Secure, November 2026"),
    Assumption("l40s_capacity_rps", "calls / s", 4.7, Fixed(), 0.001, 1e6,
               "calls that one L40S serves flat out, 8B model", "H100 times the MLPerf v5.1 ratio"),
    Assumption("h100_capacity_rps", "calls / s", 16.7, Fixed(), 0.001, 1e6,
               "calls that one H100 serves flat out, 8B model", "roofline 16.66, 8B in FP8, 1,500 in and 300 out"),
    Assumption("gpu_overhead_share", "share", 0.15, Fixed(), 0, 5,
               "storage, network and idle on top of the rent", "one source says 30 to 50 %"),
    Assumption("cpu_capacity_rps", "calls / s", 0.0, Fixed(), 0, 1e6,
               "calls that one 2-vCPU instance serves flat out; 0: the student needs a GPU",
               "2 x 1000 / measured p50 in ms of a head or lookup student"),
    Assumption("cpu_usd_per_hour", "USD / hour", 0.10, Fixed(), 0.0001, 1_000,
               "one 2-vCPU, 8 GiB instance on demand", "list price of a general-purpose .large instance"),
    Assumption("hosted_usd_per_million", "USD / million tokens", 0.0, Fixed(), 0, 1_000,
               "what a host bills for the student's tokens, in and out alike; 0: no host is considered",
               "$0.20 was a usual tariff for 8B with LoRA"),
    Assumption("hosted_ops_usd_per_month", "USD / month", 500, Fixed(), 0, 1e6,
               "operations around a hosted student, in place of ops_usd_per_month", _JUDGED),
    Assumption("tokens_per_call", "tokens / call", 1_800, Fixed(), 1, 1e7,
               "input and output tokens of one call", "1,500 in, 300 out"),
    Assumption("awake_share", "share of the time", 1.0, Fixed(), 0, 1,
               "in which a machine that sleeps when idle is awake; 1: it never sleeps", "your log, replayed"),
    Assumption("cold_start_s", "seconds", 30, Fixed(), 0, 3_600,
               "until a sleeping machine answers", "6 to 60 s for large models"),
    Assumption("latency_target_ms", "ms", 0.0, Fixed(), 0, 1e7,
               "a call may take this long; 0: any", "yours to set"),
    Assumption("arrival_scv", "ratio", 4, Fixed(), 0, 1_000,
               "squared coefficient of variation of the times between calls; 1 is Poisson, people are burstier",
               "your log; default is " + _JUDGED),
    Assumption("service_scv", "ratio", 1.5, Fixed(), 0, 1_000,
               "the same of the time that one call takes", "your log; default is " + _JUDGED),
    Assumption("committed_usd_per_month", "USD / month", 0.0, Fixed(), 0, 1e8,
               "reserved on the API for this task and paid whether used or not", "your contract"),
    Assumption("committed_months", "months", 0, Fixed(), 0, 120,
               "until the reservation expires", "your contract"),
    Assumption("target_utilisation", "share", 0.6, Fixed(), 0.01, 1,
               "share of the capacity planned for the peak minute", _BRIEF),
    Assumption("min_replicas", "instances", 2, Fixed(), 1, 1_000,
               "instances that always run", "one may fail"),
    Assumption("price_generation_correlation", "correlation", 0.0, Fixed(), -0.95, 0.95,
               "between the fall of prices and what the training set costs; -0.3 for a task of a log, "
               "since teachers get cheaper too", _JUDGED),
    Assumption("weeks_build_correlation", "correlation", 0.0, Fixed(), -0.95, 0.95,
               "between engineer weeks and months of building; 0.5 for a task of a log", _JUDGED),
    Assumption("pilot_usd", "USD", 8_000, Fixed(), 0, 1e6,
               "a pilot: 400 paired items, one engineer-week, 2,000 examples", _BRIEF),
    Assumption("yearly_discount", "share / year", 0.12, Fixed(), 0, 1,
               "cost of capital", _BRIEF),
    Assumption("exact_repeat_share", "share of spend", 0.0, Fixed(), 0, 1,
               "spend on repeats of an identical request; 0 until a log is measured", "your log; 15 to 30 % reported"),
    Assumption("semantic_cache_share", "share of spend", 0.0, Fixed(), 0, 1,
               "spend on requests that mean what an earlier one meant, beyond exact repeats; 0 until a log is measured",
               "your log; 20 to 45 % reported with exact repeats"),
    Assumption("semantic_cache_error", "errors / call", 0.01, Fixed(), 0, 1,
               "answers of a semantic cache that differ from the teacher's, over all calls", "your log"),
    Assumption("prompt_cache_share", "share of spend", 0.0, Fixed(), 0, 1,
               "spend that prompt caching would remove; 0 until a log is measured",
               "input share x shared-prefix share x (hits x discount - misses x write surcharge)"),
    Assumption("batchable_share", "share of spend", 0.0, Fixed(), 0, 1,
               "spend on calls that can wait a day; 0 until somebody says so", "batch and flex tiers cost half"),
    Assumption("prompt_cut_share", "share of spend", 0.0, Fixed(), 0, 1,
               "spend that a shorter prompt would remove; 0 until a log is measured",
               "half of what the constant part of the prompt costs; quality untested"),
    Assumption("reasoning_spend_share", "share of spend", 0.0, Fixed(), 0, 1,
               "spend on hidden reasoning, which a lower effort would remove; 0 until a log is measured",
               "reasoning tokens at the output rate; quality untested"),
    Assumption("small_model_price_ratio", "ratio", 0.075, Fixed(), 0, 1,
               "price of the vendor's small model against the present one, on the same calls",
               "list gap 20x, output 1 to 2x for reasoning"),
    Assumption("small_model_error_delta", "errors / call", 0.002, Fixed(), 0, 1,
               "extra errors of the small model; setting it states that somebody has tested it", "untested"),
    Assumption("cascade_acceptance", "share of calls", 0.0, Fixed(), 0, 1,
               "calls that the small model may keep when the present one takes the rest; 0 until tested",
               "published shares run from 35 to 85 % by task"),
    Assumption("open_weights_price_ratio", "ratio", 1.0, Fixed(), 0, 1,
               "price of an open-weights model at a host against the present one, untrained; 1 until a log is priced",
               "cheapest host in the price table for the same calls"),
    Assumption("vendor_tuned_price_ratio", "ratio", 1.0, Fixed(), 0, 1,
               "price of a model fine-tuned at the vendor against the present one; 1 where none is offered",
               "OpenAI takes no new self-serve jobs from 6 January 2027"),
)  # fmt: skip
