"""Monte Carlo over the assumptions: what a project pays, with its range.

One fixed stream of uniform numbers (seed 20261124), one column an input, turned into values through
inverse distribution functions. The stream never changes, so two cases differ by their inputs alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from analytics.alternatives import Alternative
from analytics.alternatives import npv_usd as alternative_npv_usd
from analytics.assumptions import Assumptions, Fixed, Lognormal, Pert, Setting
from analytics.costs import HORIZON_MONTHS, one_off_usd, paths
from analytics.inputs import Array, Inputs, inputs_of

SEED = 20261124
DRAWS = 200_000
FAST_DRAWS = 20_000
CHUNK_DRAWS = 10_000  # 24 months of such arrays stay in the processor's cache
BREAK_EVEN_MONTHS = (6, 9, 12, 18, 24)

# The column of each input in the stream; the last column, 19, decides whether the project fails.
COLUMNS = (
    "monthly_spend_usd",
    "monthly_growth",
    "yearly_price_decline",
    "teacher_generation_usd",
    "gold_labels_usd",
    "training_usd",
    "evaluation_usd",
    "engineer_weeks",
    "build_months",
    "fallback_share",
    "fallback_cost_ratio",
    "gpu_price_multiplier",
    "capacity_multiplier",
    "peak_to_mean",
    "ops_usd_per_month",
    "retrain_every_months",
    "retrain_cost_share",
    "error_delta",
    "error_cost_calls",
)

# Correlation, and the two inputs that it ties.
CORRELATED = (
    ("price_generation_correlation", "yearly_price_decline", "teacher_generation_usd"),
    ("weeks_build_correlation", "engineer_weeks", "build_months"),
)


@dataclass(frozen=True)
class Simulation:
    """What the draws say."""

    draws: int
    p_break_even: dict[int, float]  # by month: chance that savings cover all costs by then
    npv_mean_usd: float
    npv_p5_usd: float
    npv_p50_usd: float
    npv_p95_usd: float
    one_off_p50_usd: float
    one_off_p95_usd: float
    p_gain: float  # share of draws in which the student gains over the best API configuration
    evpi_usd: float  # what knowing everything beforehand would be worth: no pilot is worth more
    alternative_wins: dict[str, float]  # by name: share of draws in which it pays more than the student
    alternative_p5_usd: dict[str, float]


@dataclass(frozen=True)
class Sample:
    """Draws kept one by one, for questions about what knowing an input would be worth."""

    inputs: Inputs
    failed: NDArray[np.bool_]
    npv_usd: Array  # of starting now [draws]


@dataclass(frozen=True)
class _Draws:
    broke_even: NDArray[np.bool_]  # one row a month of BREAK_EVEN_MONTHS, True where paid back and not failed
    npv_usd: Array
    instead_usd: Array  # of a student on the bill as it is now
    one_off_usd: Array
    alternatives_usd: Array  # one row an alternative


def simulate(
    assumptions: Assumptions,
    alternatives: Sequence[Alternative] = (),
    draws: int = DRAWS,
    before: Assumptions | None = None,
) -> Simulation:
    """Run the draws in chunks, so that memory does not grow with their number beyond the results.

    before: the case without any lever in place, on which alternatives and a student in their stead are compared;
    the same where None.
    """
    stream = np.random.default_rng(SEED)
    parts = []
    for start in range(0, draws, CHUNK_DRAWS):
        uniforms = stream.random((min(CHUNK_DRAWS, draws - start), len(COLUMNS) + 1))
        inputs = sampled(assumptions, inputs_of(assumptions), uniforms)
        plain = sampled(before, inputs_of(before), uniforms) if before not in (None, assumptions) else inputs
        parts.append(_run(inputs, plain, uniforms[:, -1], alternatives))
    return _summary(parts, alternatives)


def draw(assumptions: Assumptions, draws: int = FAST_DRAWS) -> Sample:
    """The first draws of the same stream, kept."""
    uniforms = np.random.default_rng(SEED).random((draws, len(COLUMNS) + 1))
    inputs = sampled(assumptions, inputs_of(assumptions), uniforms)
    failed = uniforms[:, -1] > 1 - inputs.project_failure_share
    return Sample(inputs, failed, npv_or_loss_usd(inputs, failed))


def npv_or_loss_usd(inputs: Inputs, failed: NDArray[np.bool_]) -> Array:
    """Present value of each draw; a project that fails loses its share of the one-off cost [USD]."""
    lost = -inputs.failure_loss_share * one_off_usd(inputs)
    return np.asarray(np.where(failed, lost, paths(inputs).npv_usd[-1]))


def _run(inputs: Inputs, plain: Inputs, failure: Array, alternatives: Sequence[Alternative]) -> _Draws:
    failed = failure > 1 - inputs.project_failure_share
    outlay = one_off_usd(inputs)
    both = paths(inputs, HORIZON_MONTHS)
    npv = np.where(failed, -inputs.failure_loss_share * outlay, both.npv_usd[-1])
    instead = npv if plain is inputs else npv_or_loss_usd(plain, failed)
    broke_even = (both.cumulative_usd[list(BREAK_EVEN_MONTHS)] >= 0) & ~failed
    others = [alternative_npv_usd(alternative, plain) for alternative in alternatives]
    shape = (len(others), len(failure))
    spread = np.array([np.broadcast_to(other, len(failure)) for other in others]).reshape(shape)
    return _Draws(broke_even, npv, instead, np.broadcast_to(outlay, len(failure)), spread)


def _summary(parts: Sequence[_Draws], alternatives: Sequence[Alternative]) -> Simulation:
    npv, instead, outlay = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("npv_usd", "instead_usd", "one_off_usd")
    )
    broke_even = np.concatenate([part.broke_even for part in parts], axis=1).mean(axis=1)
    others = np.concatenate([part.alternatives_usd for part in parts], axis=1)
    low, middle, high = np.percentile(npv, [5, 50, 95])
    names = [alternative.name for alternative in alternatives]
    return Simulation(
        draws=len(npv),
        p_break_even={month: float(share) for month, share in zip(BREAK_EVEN_MONTHS, broke_even, strict=True)},
        npv_mean_usd=float(npv.mean()),
        npv_p5_usd=float(low),
        npv_p50_usd=float(middle),
        npv_p95_usd=float(high),
        one_off_p50_usd=float(np.percentile(outlay, 50)),
        one_off_p95_usd=float(np.percentile(outlay, 95)),
        p_gain=float((npv > 0).mean()),
        evpi_usd=float(np.maximum(npv, 0).mean() - max(0.0, npv.mean())),
        alternative_wins={name: float((row > instead).mean()) for name, row in zip(names, others, strict=True)},
        alternative_p5_usd={name: float(np.percentile(row, 5)) for name, row in zip(names, others, strict=True)},
    )


def sampled(assumptions: Assumptions, base: Inputs, uniforms: Array) -> Inputs:
    """Inputs with each uncertain one drawn: uniforms has a column for each of COLUMNS, then one for failure."""
    uniforms = correlated(assumptions, uniforms)
    drawn = {
        name: quantile(assumptions.settings[name], uniforms[:, column])
        for column, name in enumerate(COLUMNS)
        if not isinstance(assumptions.settings[name].spread, Fixed)
    }
    return replace(base, **drawn)


def correlated(assumptions: Assumptions, uniforms: Array) -> Array:
    """The stream with pairs of columns tied by a Gaussian copula; each column stays uniform."""
    from scipy.special import ndtr, ndtri

    tied = uniforms
    for name, first, second in CORRELATED:
        share = assumptions.value(name)
        if share:
            here, there = COLUMNS.index(first), COLUMNS.index(second)
            tied = tied.copy()
            tied[:, there] = ndtr(share * ndtri(tied[:, here]) + np.sqrt(1 - share**2) * ndtri(tied[:, there]))
    return tied


def quantile(setting: Setting, share: Array) -> Array:
    """The value below which this share of the distribution lies."""
    from scipy.special import ndtri

    spread = setting.spread
    if isinstance(spread, Lognormal):
        return np.asarray(setting.value * spread.median_ratio * np.exp(spread.sigma * ndtri(share)))
    if isinstance(spread, Pert) and spread.low < spread.high:
        mode = (setting.value - spread.low) / (spread.high - spread.low)
        return spread.low + (spread.high - spread.low) * _pert_quantile(mode, share)
    return np.full_like(share, setting.value)


KNOTS = 20_001


def _pert_quantile(mode: float, share: Array) -> Array:
    """PERT on [0, 1], read from a table: the exact inverse takes most of a simulation's time.

    Knots are denser at both ends, where the inverse is steep: u = sin^2(x).
    """
    values, slopes = _pert_table(round(mode, 12))
    angle = np.arcsin(np.sqrt(share)) * (2 / np.pi) * (KNOTS - 1)
    knot = angle.astype(np.intp)
    return np.asarray(values[knot] + (angle - knot) * slopes[knot])


@lru_cache(maxsize=256)
def _pert_table(mode: float) -> tuple[Array, Array]:
    """Value at each knot, and what it rises by until the next."""
    from scipy.special import betaincinv

    shares = np.sin(np.linspace(0, np.pi / 2, KNOTS)) ** 2
    values = np.asarray(betaincinv(1 + 4 * mode, 1 + 4 * (1 - mode), np.clip(shares, 0, 1)))
    return values, np.diff(values, append=values[-1])
