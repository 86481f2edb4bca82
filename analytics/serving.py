"""Machines that can serve a student: how many the peak needs, and which kind is cheapest."""

from dataclasses import dataclass
from functools import reduce
from typing import NamedTuple

import numpy as np

from analytics.assumptions import Assumptions, Origin
from analytics.inputs import Array, Inputs

HOURS_PER_MONTH = 730
VCPUS_PER_INSTANCE = 2


@dataclass(frozen=True)
class Serving:
    """One kind of machine; a capacity of zero means that the student does not run on it."""

    name: str
    capacity_rps: Array  # calls per second, flat out
    usd_per_hour: Array


class Fleet(NamedTuple):
    """What a person would rent."""

    name: str
    machines: int
    usd_per_month: float


def options(inputs: Inputs) -> tuple[Serving, ...]:
    """Every kind of machine, with the uncertainty of GPU rent and capacity applied to GPUs only."""
    rent = inputs.gpu_price_multiplier * (1 + inputs.gpu_overhead_share)
    return (
        Serving("L40S", inputs.l40s_capacity_rps * inputs.capacity_multiplier, inputs.l40s_usd_per_hour * rent),
        Serving("H100", inputs.h100_capacity_rps * inputs.capacity_multiplier, inputs.h100_usd_per_hour * rent),
        Serving("2-vCPU instance", inputs.cpu_capacity_rps, inputs.cpu_usd_per_hour),
    )


def machines(inputs: Inputs, option: Serving, peak_rps: Array) -> Array:
    """n = max(n_min, ceil(peak / (capacity x target utilisation))); infinite without capacity."""
    usable = option.capacity_rps * inputs.target_utilisation
    needed = np.divide(
        peak_rps, usable, out=np.full(np.broadcast_shapes(peak_rps.shape, usable.shape), np.inf), where=usable > 0
    )
    return np.asarray(np.maximum(inputs.min_replicas, np.ceil(needed)))


def fleet_usd_per_month(inputs: Inputs, peak_rps: Array) -> Array:
    """Rent of the cheapest kind of machine that has the capacity [USD / month]."""
    rents = [machines(inputs, option, peak_rps) * option.usd_per_hour for option in options(inputs)]
    return np.asarray(reduce(np.minimum, rents) * HOURS_PER_MONTH)


def cheapest_fleet(inputs: Inputs, peak_rps: Array) -> Fleet:
    """The choice behind ``fleet_usd_per_month``, one case, named."""
    fleets = []
    for option in options(inputs):
        count = float(machines(inputs, option, peak_rps)[0])
        if np.isfinite(count):
            rent = count * float(option.usd_per_hour[0]) * HOURS_PER_MONTH
            fleets.append(Fleet(option.name, int(count), rent))
    return min(fleets, key=lambda fleet: fleet.usd_per_month)


def cpu_capacity_rps(latency_ms_p50: float) -> float:
    """Calls per second of one 2-vCPU instance, one process a vCPU, from a measured latency."""
    return VCPUS_PER_INSTANCE * 1000 / latency_ms_p50


def for_cpu_student(assumptions: Assumptions, latency_ms_p50: float, origin: Origin = "measured") -> Assumptions:
    """The case of a head or lookup student: served on CPUs, trained on the log's own answers in seconds.

    No teacher call and no GPU is paid for; labels, evaluation and engineering cost what they cost.
    origin: where the latency comes from; a bar of the benchmark is a default, a student's own is measured.
    """
    capacity = cpu_capacity_rps(latency_ms_p50)
    return assumptions.with_values(
        {"cpu_capacity_rps": capacity, "teacher_generation_usd": 0, "training_usd": 0}, origin
    )


def roofline_rps(
    parameters: float,
    input_tokens: float,
    output_tokens: float,
    flops: float,
    bytes_per_s: float,
    batch: int = 128,
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
