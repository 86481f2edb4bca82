"""What can serve a student, what each costs a month, and which is the cheapest that meets the latency target.

Machines are rented for the peak minute; a host bills tokens; a machine that sleeps bills the hours in which it is
awake. All prices in USD, all formulas on arrays, so that one case and 200,000 draws take the same path.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import NamedTuple

import numpy as np

from analytics.assumptions import Assumptions, Origin
from analytics.inputs import Array, Inputs
from analytics.queueing import mean_wait_s

HOURS_PER_MONTH = 730
SECONDS_PER_MONTH = HOURS_PER_MONTH * 3600
VCPUS_PER_INSTANCE = 2
HOSTED = "hosted, billed by token"
BATCH = 128  # calls that a GPU works on together, flat out


@dataclass(frozen=True)
class Machine:
    """One kind of machine; a capacity of zero means that the student does not run on it."""

    name: str
    capacity_rps: Array  # calls per second, flat out
    usd_per_hour: Array
    together: int  # calls in work at once, flat out: with the capacity they give the latency (Little's law)


class Choice(NamedTuple):
    """One way to serve."""

    name: str
    usd_per_month: Callable[[Array], Array]  # of the calls served a month
    machines: Callable[[Array], Array]
    latency_ms: Array
    places: int  # calls that one machine works on at once; 0 for a host
    capacity_rps: Array  # of one machine, flat out; not a number for a host


class Fleet(NamedTuple):
    """What a person would rent."""

    name: str
    machines: int  # 0 where a host bills tokens
    usd_per_month: float
    latency_ms: float | None = None  # one call in the peak minute as planned; None where nobody has said
    wait_ms: float | None = None  # mean wait for a free place in the peak minute (Allen-Cunneen); None for a host


def machines_known(inputs: Inputs) -> tuple[Machine, ...]:
    """Every kind of machine, with the uncertainty of GPU rent and capacity applied to GPUs only."""
    rent = inputs.gpu_price_multiplier * (1 + inputs.gpu_overhead_share)
    real = inputs.capacity_multiplier
    return (
        Machine("L40S", inputs.l40s_capacity_rps * real, inputs.l40s_usd_per_hour * rent, BATCH),
        Machine("H100", inputs.h100_capacity_rps * real, inputs.h100_usd_per_hour * rent, BATCH),
        Machine("2-vCPU instance", inputs.cpu_capacity_rps, inputs.cpu_usd_per_hour, VCPUS_PER_INSTANCE),
    )


def machines(inputs: Inputs, option: Machine, served: Array, least: Array | None = None) -> Array:
    """n = max(n_min, ceil(peak / (capacity x target utilisation))); infinite without capacity.

    served: calls a month.
    """
    peak_rps = served * inputs.peak_to_mean / SECONDS_PER_MONTH
    usable = option.capacity_rps * inputs.target_utilisation
    return np.asarray(np.maximum(inputs.min_replicas if least is None else least, np.ceil(_ratio(peak_rps, usable))))


def _ratio(amount: Array, divisor: Array) -> Array:
    """The quotient, infinite where the divisor is zero; the plain one is three times as fast."""
    if (divisor > 0).all():
        return np.asarray(amount / divisor)
    shape = np.broadcast_shapes(amount.shape, divisor.shape)
    return np.asarray(np.divide(amount, divisor, out=np.full(shape, np.inf), where=divisor > 0))


def choices(inputs: Inputs) -> list[Choice]:
    """Every way to serve of which something is known."""
    every = list(machines_known(inputs))
    known = [option for option in every if (option.capacity_rps > 0).any()] or every
    always = [_always_on(inputs, option) for option in known]
    asleep = [_sleeping(inputs, option) for option in known if option.together == BATCH]
    found = [*always, *(asleep if (inputs.awake_share < 1).any() else [])]
    return [*found, *([_hosted(inputs)] if (inputs.hosted_usd_per_million > 0).any() else [])]


def serving_usd_per_month(inputs: Inputs, served: Array, month_share: Array | float = 1.0) -> Array:
    """Cost of the cheapest way that meets the latency target; of the cheapest of all where none does [USD / month].

    served: calls of a full month. month_share: share of the month in service; machines are rented for all of it, a
    host bills what came. Operations of a hosted model cost less; the difference is counted here.
    """
    return cheapest_bill(inputs)(served, np.asarray(month_share))


def cheapest_bill(inputs: Inputs) -> Callable[[Array, Array], Array]:
    """``serving_usd_per_month`` of any calls and share of a month: what does not depend on them is found once."""
    ways = choices(inputs)
    late = [_is_late(inputs, way) for way in ways]
    is_any_late = any(flags.any() for flags in late)

    def bill(served: Array, month_share: Array) -> Array:
        costs = [way.usd_per_month(served * month_share if way.name == HOSTED else served) for way in ways]
        if not is_any_late:
            return np.asarray(reduce(np.minimum, costs))
        good = reduce(np.minimum, [np.where(flags, np.inf, cost) for flags, cost in zip(late, costs, strict=True)])
        return np.asarray(np.where(np.isfinite(good), good, reduce(np.minimum, costs)))

    return bill


def fleets(inputs: Inputs, served: Array) -> list[Fleet]:
    """Every way to serve one case, the cheapest first; those that miss the latency target last."""
    found = []
    for choice in choices(inputs):
        cost, latency = float(choice.usd_per_month(served)[0]), float(choice.latency_ms[0])
        late = bool(_is_late(inputs, choice)[0])
        count = int(choice.machines(served)[0])
        known = latency if np.isfinite(latency) else None
        bill = cost + float(_spared_ops(inputs)[0]) if choice.name == HOSTED else cost
        found.append((late, cost, Fleet(choice.name, count, bill, known, _wait_ms(inputs, served, count, choice))))
    return [fleet for _, _, fleet in sorted(found, key=lambda one: one[:2])]


def cheapest_fleet(inputs: Inputs, served: Array) -> Fleet:
    """The choice behind ``serving_usd_per_month``, one case, named."""
    return fleets(inputs, served)[0]


def _wait_ms(inputs: Inputs, served: Array, count: int, choice: Choice) -> float | None:
    """Mean wait for a free place in the peak minute; None for a host, or where the fleet is overloaded."""
    if not count:
        return None
    arrivals = float((served * inputs.peak_to_mean)[0]) / SECONDS_PER_MONTH
    one = float(choice.capacity_rps[0]) / choice.places
    wait = mean_wait_s(count * choice.places, arrivals, one, float(inputs.arrival_scv[0]), float(inputs.service_scv[0]))
    return 1000 * wait if np.isfinite(wait) else None


def _is_late(inputs: Inputs, choice: Choice) -> Array:
    target = inputs.latency_target_ms
    return np.asarray((target > 0) & (choice.latency_ms > target))


def _always_on(inputs: Inputs, option: Machine) -> Choice:
    month = option.usd_per_hour * HOURS_PER_MONTH
    return Choice(
        option.name,
        lambda served: machines(inputs, option, served) * month,
        lambda served: machines(inputs, option, served),
        _latency_ms(inputs, option),
        option.together,
        option.capacity_rps,
    )


def _sleeping(inputs: Inputs, option: Machine) -> Choice:
    """One replica is enough, and it bills the time in which it is awake; a cold start must be tolerated."""
    one = np.ones(1)

    def usd(served: Array) -> Array:
        hours = HOURS_PER_MONTH * np.minimum(inputs.awake_share, 1)
        return np.asarray(machines(inputs, option, served, one) * option.usd_per_hour * hours)

    latency = _latency_ms(inputs, option) + inputs.cold_start_s * 1000
    return Choice(
        f"{option.name}, asleep when idle",
        usd,
        lambda served: machines(inputs, option, served, one),
        latency,
        option.together,
        option.capacity_rps,
    )


def _hosted(inputs: Inputs) -> Choice:
    """A host that serves the student's weights and bills tokens; it needs less looking after."""
    per_call = inputs.tokens_per_call * inputs.hosted_usd_per_million / 1e6

    def usd(served: Array) -> Array:
        cost = np.where(inputs.hosted_usd_per_million > 0, served * per_call - _spared_ops(inputs), np.inf)
        return np.asarray(cost)

    return Choice(HOSTED, usd, np.zeros_like, np.full(1, np.nan), 0, np.full(1, np.nan))


def _spared_ops(inputs: Inputs) -> Array:
    """What a host takes off the operations that every other way needs [USD / month]."""
    return np.asarray(inputs.ops_usd_per_month - np.minimum(inputs.hosted_ops_usd_per_month, inputs.ops_usd_per_month))


def _latency_ms(inputs: Inputs, option: Machine) -> Array:
    """Time of one call at the planned utilisation, at most: calls in work / calls a second (Little 1961).

    A GPU that is not full works on fewer calls at once than in proportion, so it is faster than this.
    """
    flat_out = _ratio(np.array([float(option.together)]), option.capacity_rps)
    return np.asarray(1000 * flat_out * (inputs.target_utilisation if option.together == BATCH else 1))


def cpu_capacity_rps(latency_ms_p50: float) -> float:
    """Calls per second of one 2-vCPU instance, one process a vCPU, from a measured latency."""
    return VCPUS_PER_INSTANCE * 1000 / latency_ms_p50


def for_cpu_student(assumptions: Assumptions, latency_ms_p50: float, origin: Origin = "measured") -> Assumptions:
    """The case of a head or lookup student: served on CPUs, trained on the log's own answers in seconds.

    No teacher call and no GPU is paid for; labels, evaluation and engineering cost what they cost.
    origin: where the latency comes from; a bar of the benchmark is a default, a student's own is measured.
    """
    capacity = cpu_capacity_rps(latency_ms_p50)
    values = {"cpu_capacity_rps": capacity, "teacher_generation_usd": 0, "training_usd": 0}
    return assumptions.with_values(values, origin, "a student trained on the log's answers, served on CPUs")


def roofline_rps(
    parameters: float,
    input_tokens: float,
    output_tokens: float,
    flops: float,
    bytes_per_s: float,
    batch: int = BATCH,
    kv_bytes_per_token: float = 131_072,
    flops_share: float = 0.5,
    bandwidth_share: float = 0.7,
) -> float:
    """Calls per second of one GPU with FP8 weights: compute-bound prefill, memory-bound decoding.

    1 / (2 N in / (MFU FLOPS) + out x step / B), step = (N + B kv (in + out / 2)) / (eff BW)

    >>> round(roofline_rps(8.03e9, 1500, 300, 1979e12, 3.35e12), 4)  # H100 SXM
    16.6558
    >>> round(roofline_rps(8.03e9, 1500, 300, 733e12, 864e9), 4)  # L40S
    4.899
    """
    prefill_s = 2 * parameters * input_tokens / (flops_share * flops)
    cache_bytes = batch * kv_bytes_per_token * (input_tokens + output_tokens / 2)
    step_s = (parameters + cache_bytes) / (bandwidth_share * bytes_per_s)
    return 1 / (prefill_s + output_tokens * step_s / batch)
