"""What a thousand calls cost: the teacher's by the log, the student's by its measured speed and the assumed machines.

Student, in USD per 1,000 calls. Low: a machine at its target utilisation, 1000 x USD an hour / (3600 x calls a second
x utilisation). High: the machines that this task's traffic keeps alone, n x USD an hour x 730 x 1000 / calls a month,
n = max(least replicas, peak / capacity). Engineering and training are not in it; replay and the brief have them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from analytics.assumptions import Assumptions
from analytics.serving import HOURS_PER_MONTH, SECONDS_PER_MONTH, cpu_capacity_rps
from pipeline.evaluation.resample import interval
from pipeline.metrics import mean_tally

CALLS = 1_000
ON_CPU = ("head", "lookup", "encoder")
DAY_S = 86_400.0


@dataclass(frozen=True)
class CostPer1000:
    """USD per 1,000 calls."""

    usd: float | None  # None: no price is known
    low: float | None
    high: float | None
    n: int | None  # calls behind it
    unpriced: int | None  # calls without a known price
    source: str


def teacher_cost(costs_usd: Sequence[Decimal | None], groups: Sequence[int], seed: int) -> CostPer1000:
    """Mean cost of the calls whose price is known, with its range; unknown without any."""
    priced = [None if cost is None else float(cost) for cost in costs_usd]
    count = sum(cost is not None for cost in priced)
    if not count:
        return CostPer1000(None, None, None, 0, len(priced), "the log has no price for these calls")
    tally = mean_tally(priced)
    between = interval(tally, groups, seed)
    value = CALLS * (tally.value or 0.0)
    low, high = (CALLS * between.low, CALLS * between.high) if between else (None, None)
    covers = between.covers if between else "no range: too few groups of inputs"
    return CostPer1000(value, low, high, count, len(priced) - count, f"prices of the log; {covers}")


def student_cost(kind: str, p50_ms: float | None, calls_per_month: float | None, given: Assumptions) -> CostPer1000:
    """The range from a full machine to machines of its own; the value is that of this traffic, where it is known."""
    usd_per_hour, capacity_rps, machine = _machine(kind, p50_ms, given)
    if not capacity_rps:
        return CostPer1000(None, None, None, None, None, "no latency was measured")
    usable_rps = capacity_rps * given.value("target_utilisation")
    full = CALLS * usd_per_hour / (3600 * usable_rps)
    if not calls_per_month:
        return CostPer1000(full, full, None, None, None, f"{machine}, kept busy by other work too; volume unknown")
    peak_rps = calls_per_month * given.value("peak_to_mean") / SECONDS_PER_MONTH
    machines = max(given.value("min_replicas"), math.ceil(peak_rps / usable_rps))
    alone = CALLS * machines * usd_per_hour * HOURS_PER_MONTH / calls_per_month
    source = f"{machines:.0f} x {machine} for {calls_per_month:,.0f} calls a month; low: machines shared and busy"
    return CostPer1000(alone, min(full, alone), alone, None, None, source)


def _machine(kind: str, p50_ms: float | None, given: Assumptions) -> tuple[float, float, str]:
    """Rent [USD / hour], calls a second flat out, and what that stands on."""
    if kind in ON_CPU:
        capacity = cpu_capacity_rps(p50_ms) if p50_ms else 0.0
        return given.value("cpu_usd_per_hour"), capacity, "2-vCPU instance at the measured latency"
    rent = (
        given.value("l40s_usd_per_hour") * given.value("gpu_price_multiplier") * (1 + given.value("gpu_overhead_share"))
    )
    capacity = given.value("l40s_capacity_rps") * given.value("capacity_multiplier")
    return rent, capacity, "L40S at the capacity assumed for 8B; a smaller student costs less"


def calls_per_month(times: Sequence[datetime | None], weights: Sequence[float | None]) -> float | None:
    """Calls a month of 730 hours at the rate of these rows; None where rows have no time or span less than a day."""
    known = [time for time in times if time is not None]
    span_s = (max(known) - min(known)).total_seconds() if known else 0.0
    if span_s < DAY_S:
        return None
    return sum(weight or 1.0 for weight in weights) * SECONDS_PER_MONTH / span_s
