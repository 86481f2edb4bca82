"""One series, from an array of days to paths of the coming ones. ``daily`` puts dates and words on it."""

import zlib
from dataclasses import dataclass

import numpy as np

from analytics.forecast.choose import Choice, choose
from analytics.forecast.conformal import NORMAL_80, Spread, calibrate
from analytics.forecast.drift import PRIOR_SD, slope_left_unknown
from analytics.forecast.guards import bounded
from analytics.forecast.intermittent import rate_sd
from analytics.forecast.methods import LEAST_DAYS, Method, methods_for
from analytics.forecast.metrics import LEVEL, F, coverage
from analytics.forecast.paths import MEMORY_DAYS, deviations, draw, future_shifts, simulate
from analytics.forecast.prepare import History, prepare
from analytics.forecast.rolling import roll
from analytics.forecast.short import short_choice, short_spread
from analytics.forecast.wander import wander_of
from analytics.threads import one_thread

INTERMITTENT_STEP = 0.015  # sd of the level's daily log step: a sparse series shows too little to learn it
LOW, HIGH = (1 - LEVEL) / 2, (1 + LEVEL) / 2


@dataclass(frozen=True)
class Steps:
    """What the engine needs to know beside the values."""

    season: int = 7  # steps after which the pattern repeats; 1 for none
    year: float = 365.25  # steps of a year
    extra: tuple[Method, ...] = ()  # candidates beside the usual ones


@dataclass(frozen=True, eq=False)
class Outcome:
    """The paths of one series and how they came to be."""

    paths: F  # path x day [units of the series]
    choice: Choice
    history: History
    coverage: float | None  # share of the rolling origins' days that the 80 % range would have held
    is_short: bool


def forecast_values(
    raw: F, horizon: int, seed: int, salt: str, past: np.ndarray, ahead: np.ndarray, steps: Steps
) -> Outcome | None:
    """Forecast an array in which NaN is unknown; None when nothing is known.

    past, ahead: which days of the history and of the horizon are holidays.
    """
    with one_thread():
        return _forecast(raw, horizon, seed, salt, past, ahead, steps)


def _forecast(
    raw: F, horizon: int, seed: int, salt: str, past: np.ndarray, ahead: np.ndarray, steps: Steps
) -> Outcome | None:
    unit = float(np.nanmean(raw)) if np.isfinite(raw).any() else 0.0
    unit = unit if unit > 0 else 1.0
    history = prepare(raw / unit, steps.season, past)
    if history is None:
        return None
    open_ahead = _open_ahead(history, horizon, steps.season)
    skipped, width = _skipped(history, steps.season), int(open_ahead.sum())
    short = int(history.known.sum()) < min(LEAST_DAYS, round(LEAST_DAYS * history.is_open.mean()))
    choice, spread = _fit(history, skipped + width, short, steps)
    mixed = zlib.crc32(salt.encode())
    simulated = _intermittent if history.is_intermittent and not short else _continuous
    values = bounded(simulated(history, choice, spread, seed, mixed, skipped + width), history.window.values)
    values = values[:, skipped:]
    paths = np.zeros((len(values), horizon))
    paths[:, open_ahead] = values
    paths[:, ahead] *= history.holiday_ratio
    return Outcome(paths * unit, choice, history, _past_coverage(choice, spread), short)


def _fit(history: History, horizon: int, short: bool, steps: Steps) -> tuple[Choice, Spread]:
    window = history.window
    past = deviations(window)[history.known]
    if short:
        return short_choice(window, horizon), short_spread(past)
    days = int(history.days[-1] - history.days[0]) + 1
    methods = (
        *methods_for(days, is_intermittent=history.is_intermittent, season=steps.season, year=steps.year),
        *steps.extra,
    )
    rolled = roll(window, history.known, methods, horizon)
    choice = choose(window, methods, rolled, horizon, of_totals=history.is_intermittent)
    day_sd = float(np.sqrt(np.mean(past[-MEMORY_DAYS:] ** 2)))
    slope = slope_left_unknown(window.adjusted, day_sd, choice.trend_share)
    errors = np.full((0, 1), np.nan) if history.is_intermittent else choice.errors
    return choice, calibrate(errors, wander_of(window.adjusted), day_sd, slope, len(window.values), window.season)


def _continuous(history: History, choice: Choice, spread: Spread, seed: int, salt: int, horizon: int) -> F:
    window, past = history.window, deviations(history.window)
    draws = draw(seed, salt, horizon, min(len(past), MEMORY_DAYS), window.season)
    shifts = future_shifts(seed, salt, history.breaks, history.raw_days, horizon)
    if float(np.ptp(window.values)) == 0:
        shifts = np.zeros_like(shifts)
    return window.to_values(simulate(choice.logs, past, spread, draws, shifts))


def _intermittent(history: History, choice: Choice, spread: Spread, seed: int, salt: int, horizon: int) -> F:
    """Blocks of past days as they were, zeros and all, on the chosen rate with a wandering level."""
    window = history.window
    recent = window.values[-MEMORY_DAYS:]
    draws = draw(seed, salt, horizon, len(recent), window.season)
    rate = window.to_values(choice.logs) / max(float(recent.mean()), 1e-12)
    walk = np.cumsum(draws.level, axis=1) * INTERMITTENT_STEP + draws.slope[:, None] * PRIOR_SD * np.arange(horizon)
    start = draws.start[:, None] * rate_sd(recent)
    level = np.exp(start + walk + future_shifts(seed, salt, (), history.raw_days, horizon))
    return np.asarray(recent[::-1][np.minimum(draws.ages, len(recent) - 1)] * rate * level)


def _open_ahead(history: History, horizon: int, season: int) -> np.ndarray:
    return np.asarray(history.is_open[(history.raw_days + np.arange(horizon)) % season])


def _skipped(history: History, season: int) -> int:
    """Open days between the newest one used and the first of the forecast: a part day left out, unknown days."""
    between = np.arange(int(history.days[-1]) + 1, history.raw_days)
    return int(history.is_open[between % season].sum())


def _past_coverage(choice: Choice, spread: Spread) -> float | None:
    if not choice.errors.size:
        return None
    half = NORMAL_80 * spread.by_lead(choice.errors.shape[1])
    return coverage(choice.errors, -half, half)
