"""What knowing more would be worth: everything, one input, or what a pilot shows.

A decision under what is known now is worth max(0, E NPV). Knowing x first, it is worth E max(0, E[NPV | x]). The inner
mean is a regression of the simulated values on x (Strong, Oakley and Brennan 2014), so no draw is simulated twice.
"""

import itertools
import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analytics.assumptions import Assumptions, Fixed, known
from analytics.inputs import Array
from analytics.simulate import COLUMNS, SEED, Sample, draw
from analytics.threads import one_thread

INFORMATION_DRAWS = 40_000
KNOTS = 12  # of the curve through one input
FOLDS = 4
TREES = 80
PILOT_ITEMS = 400  # answers compared with the teacher's
DISCORDANT_SHARE = 0.06  # of the pilot's pairs differ, in which the error of the measured difference lies
WEEKS_LOG_ERROR = 0.35  # of the effort that a pilot foretells
GENERATION_LOG_ERROR = 0.15


class Worth(NamedTuple):
    """What knowing one input exactly would be worth at most [USD]."""

    name: str
    unit: str
    evppi_usd: float


@dataclass(frozen=True)
class Information:
    """Values of information of one case [USD]."""

    evpi_usd: float  # everything
    evsi_pilot_usd: float  # what a pilot shows
    evppi: tuple[Worth, ...]  # each varied input, the most valuable first


def value_of_information(assumptions: Assumptions, sample: Sample | None = None) -> Information:
    """What knowing everything, each input or a pilot's result would be worth before deciding."""
    sample = sample or draw(assumptions, INFORMATION_DRAWS)
    names = [name for name in COLUMNS if not isinstance(assumptions.settings[name].spread, Fixed)]
    single = [Worth(name, known(name).unit, evppi_usd(getattr(sample.inputs, name), sample.npv_usd)) for name in names]
    return Information(
        evpi_usd=evpi_usd(sample.npv_usd),
        evsi_pilot_usd=evsi_pilot_usd(sample),
        evppi=tuple(sorted(single, key=lambda worth: -worth.evppi_usd)),
    )


def evpi_usd(npv_usd: Array) -> float:
    """E max(0, NPV) - max(0, E NPV): no study is worth more [USD]."""
    return float(np.maximum(npv_usd, 0).mean() - max(0.0, float(npv_usd.mean())))


def evppi_usd(values: Array, npv_usd: Array) -> float:
    """Worth of knowing one input [USD]: the evpi of a smooth curve through the values."""
    return evpi_usd(_curve(values, npv_usd))


def evsi_pilot_usd(sample: Sample, items: int = PILOT_ITEMS) -> float:
    """Worth of a pilot's result [USD]: handed-back share and errors of so many answers, effort, data cost, failure."""
    return evpi_usd(_trees_mean(_pilot_results(sample, items), sample.npv_usd))


def evsi_pilot_smooth_usd(sample: Sample, items: int = PILOT_ITEMS) -> float:
    """The same by a cubic instead of trees: within a quarter of it and a hundred times as fast, for scans [USD]."""
    return evpi_usd(surface_mean(_pilot_results(sample, items), sample.npv_usd))


def normal_evpi_usd(mean_usd: float, sd_usd: float) -> float:
    """EVPI where NPV is normal: sd phi(m/sd) + m Phi(m/sd) - max(0, m) [USD].

    >>> round(normal_evpi_usd(10_000, 60_000), 10)
    19268.2212922254
    """
    from scipy.stats import norm

    if sd_usd <= 0:
        return 0.0
    ratio = mean_usd / sd_usd
    return float(sd_usd * norm.pdf(ratio) + mean_usd * norm.cdf(ratio) - max(0.0, mean_usd))


def normal_evsi_usd(mean_usd: float, sd_usd: float, n: int, noise_sd_usd: float) -> float:
    """EVSI of the mean of n measurements with that noise: EVPI at the preposterior deviation [USD].

    >>> round(preposterior_sd_usd(60_000, 25, 200_000), 10), round(normal_evsi_usd(10_000, 60_000, 25, 200_000), 10)
    (49923.0176602706, 15314.6293400293)
    """
    return normal_evpi_usd(mean_usd, preposterior_sd_usd(sd_usd, n, noise_sd_usd))


def preposterior_sd_usd(sd_usd: float, n: int, noise_sd_usd: float) -> float:
    """Spread of the mean that one will believe in after n measurements: sd^2 / sqrt(sd^2 + noise^2 / n) [USD]."""
    spread = math.sqrt(sd_usd**2 + noise_sd_usd**2 / n)
    return sd_usd**2 / spread if spread else 0.0


def _pilot_results(sample: Sample, items: int) -> NDArray[np.float64]:
    """What a pilot would report in each draw [draws, 5]."""
    stream, inputs = np.random.default_rng(SEED + 1), sample.inputs
    count = len(sample.npv_usd)
    fallback = np.broadcast_to(inputs.fallback_share, count)
    noise = stream.standard_normal((3, count))
    return np.column_stack(
        [
            stream.binomial(items, np.clip(fallback, 0, 1)) / items,
            inputs.error_delta + noise[0] * math.sqrt(DISCORDANT_SHARE / items),
            np.log(np.maximum(inputs.engineer_weeks, 1e-9)) + noise[1] * WEEKS_LOG_ERROR,
            np.log(np.maximum(inputs.teacher_generation_usd, 1e-9)) + noise[2] * GENERATION_LOG_ERROR,
            sample.failed,
        ]
    )


def _trees_mean(results: NDArray[np.float64], npv_usd: Array) -> Array:
    """E[NPV | results] from trees that did not see the draw they answer for, else noise would pass for knowledge."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    fitted = np.empty_like(npv_usd)
    fold = np.arange(len(npv_usd)) % FOLDS
    with one_thread():
        for held in range(FOLDS):
            inside, outside = fold != held, fold == held
            trees = HistGradientBoostingRegressor(max_iter=TREES, max_leaf_nodes=15, early_stopping=False)
            fitted[outside] = trees.fit(results[inside], npv_usd[inside]).predict(results[outside])
    return np.asarray(fitted + (npv_usd.mean() - fitted.mean()))


def surface_mean(seen: NDArray[np.float64], npv_usd: Array, degree: int = 3) -> Array:
    """E[NPV | seen] as a polynomial, for a few inputs that act smoothly; a fraction of the time of trees.

    seen: [draws, inputs]
    """
    centred = (seen - seen.mean(axis=0)) / (seen.std(axis=0) + 1e-12)
    powers = [
        np.prod(centred[:, chosen], axis=1)
        for order in range(degree + 1)
        for chosen in itertools.combinations_with_replacement(range(seen.shape[1]), order)
    ]
    basis = np.column_stack(powers)
    weights, *_ = np.linalg.lstsq(basis.T @ basis, basis.T @ npv_usd, rcond=None)
    return np.asarray(basis @ weights)


def _curve(values: Array, npv_usd: Array) -> Array:
    """E[NPV | value]: a straight line between knots at equal shares of the draws, by least squares."""
    values = np.broadcast_to(values, npv_usd.shape)
    knots = np.unique(np.quantile(values, np.linspace(0, 1, KNOTS)))
    if len(knots) < 2:
        return np.full_like(npv_usd, npv_usd.mean())
    left = np.clip(np.searchsorted(knots, values, side="right") - 1, 0, len(knots) - 2)
    share = (values - knots[left]) / (knots[left + 1] - knots[left])
    hats, rows = np.zeros((len(values), len(knots))), np.arange(len(values))
    hats[rows, left], hats[rows, left + 1] = 1 - share, share
    weights, *_ = np.linalg.lstsq(hats.T @ hats, hats.T @ npv_usd, rcond=None)
    return np.asarray(hats @ weights)
