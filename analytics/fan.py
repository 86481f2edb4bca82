"""The spread of cumulative savings month by month, for the brief's fan chart."""

from typing import NamedTuple

import numpy as np

from analytics.assumptions import Assumptions
from analytics.costs import HORIZON_MONTHS, one_off_usd, paths
from analytics.inputs import inputs_of
from analytics.simulate import COLUMNS, SEED, sampled

DRAWS = 4000


class FanPoint(NamedTuple):
    """Cumulative savings at the end of one month [USD], by percentile of the draws."""

    month: int
    p10: float
    p25: float
    p50: float
    p75: float
    p90: float


def fan(assumptions: Assumptions, months: int = HORIZON_MONTHS) -> list[FanPoint]:
    """Percentiles across draws, failures included: a failed project stays at what it lost."""
    uniforms = np.random.default_rng(SEED).random((DRAWS, len(COLUMNS) + 1))
    inputs = sampled(assumptions, inputs_of(assumptions), uniforms)
    saved = np.array(paths(inputs, months).cumulative_usd)
    failed = uniforms[:, -1] > 1 - inputs.project_failure_share
    lost = np.broadcast_to(-inputs.failure_loss_share * one_off_usd(inputs), failed.shape)
    saved = np.where(failed, lost, saved)
    bands = np.percentile(saved, [10, 25, 50, 75, 90], axis=1)
    return [FanPoint(month, *map(float, bands[:, month])) for month in range(saved.shape[0])]
