"""Paths of the coming days: the forecast, a level that wanders, blocks of past deviations, and rare level shifts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics.forecast.breaks import Break
from analytics.forecast.conformal import Spread
from analytics.forecast.metrics import F
from analytics.forecast.weekly import centred_mean, repeat_effects
from analytics.forecast.window import Window

PATHS = 1000
MEMORY_DAYS = 91
LEAST_DRAWN = 14
SHIFTS_BEFORE = 0.5  # level shifts that every series is taken to have had ...
SHIFT_DAYS = 365.0  # ... within so many days before its first
SHIFT_SD = 0.4  # log size of a shift when none was seen


@dataclass(frozen=True)
class Draws:
    """What is random in the paths; the same seed gives the same."""

    ages: np.ndarray  # path x day: how many days back the deviation is taken from, 0 for the newest
    level: F  # path x day: standard normal steps of the level
    start: F  # path: standard normal, where the level is today
    slope: F  # path: standard normal, the growth left unknown
    day: F  # path x day: standard normal, for days of which too few were seen to draw from
    wander: F  # path: uniform, which of the likely answers of how the level wanders


def deviations(window: Window) -> F:
    """Log deviations of single days from their level and weekly pattern, as long as the window."""
    flat = window.logs - repeat_effects(window.effects, len(window.logs))
    width = max(window.season, 5)
    if len(flat) < 2 * width:
        return np.asarray(flat - flat.mean())
    # A mean over `width` days holds the day itself: the rest is too small by (width - 1) / width in variance.
    return np.asarray((flat - centred_mean(window.adjusted, width)) * np.sqrt(width / (width - 1)))


def draw(seed: int, salt: int, horizon: int, memory: int, season: int, paths: int = PATHS) -> Draws:
    """Random numbers of one series. Block places come from the seed alone, so that series of one task share days."""
    shared, own = np.random.default_rng([seed, 0]), np.random.default_rng([seed, 1, salt])
    normal = own.standard_normal((paths // 2, 2 * horizon + 2))
    normal = np.concatenate([normal, -normal])  # antithetic: the median does not wander with the seed
    ages = _ages(shared, paths, horizon, memory, season)
    steps, days = normal[:, 2 : horizon + 2], normal[:, horizon + 2 :]
    return Draws(ages, steps, normal[:, 0], normal[:, 1], days, np.tile(own.random(paths // 2), 2))


def _ages(rng: np.random.Generator, paths: int, horizon: int, memory: int, season: int) -> np.ndarray:
    """Blocks of whole seasons that keep their phase: day h ahead copies a day some whole seasons before it."""
    seasons = max(1, memory // season)
    length = season if season > 1 else 7
    blocks = rng.integers(0, seasons, (paths, -(-horizon // length)))
    place = np.arange(horizon)
    if season > 1:
        # day h (0-based) has the phase of age season - 1 - h mod season
        return np.asarray(blocks[:, place // length] * season + (season - 1 - place % season))
    return np.asarray((blocks[:, place // length] + length - 1 - place % length) % memory)


def simulate(logs: F, past: F, spread: Spread, draws: Draws, shifts: F) -> F:
    """Log paths, path x day.

    logs: forecast. past: deviations, newest last. shifts: log level shifts added on top.
    """
    noise = _day_noise(past[-MEMORY_DAYS:], spread.day, draws)
    wander, which = spread.wander, (draws.wander * len(spread.wander.step)).astype(int)
    walk = np.cumsum(draws.level, axis=1) * wander.step[which, None] + (draws.start * wander.start[which])[:, None]
    growth = spread.slope * draws.slope[:, None] * np.arange(1, len(logs) + 1)
    around = spread.factor * (walk + growth + noise) + shifts
    # Deviations of few weeks have a median of their own by weekday; the middle of the paths is the forecast.
    return np.asarray(logs + around - np.median(around, axis=0))


def _day_noise(recent: F, day_sd: float, draws: Draws) -> F:
    """Past deviations, scaled to the spread of a day; normal ones where fewer than two weeks were seen."""
    size = float(np.sqrt(np.mean(recent**2))) if len(recent) else 0.0
    if len(recent) < LEAST_DRAWN or size == 0:
        return np.asarray(draws.day * day_sd)
    return np.asarray(recent[::-1][np.minimum(draws.ages, len(recent) - 1)] * day_sd / size)


def future_shifts(seed: int, salt: int, found: Sequence[Break], history: int, horizon: int, paths: int = PATHS) -> F:
    """Level shifts that may come: as often as they came, as large as they were. Scenario, not forecast."""
    rng = np.random.default_rng([seed, 2, salt])
    chance = (len(found) + SHIFTS_BEFORE) / (history + SHIFT_DAYS)
    sizes = np.abs([one.jump for one in found]) if found else np.array([SHIFT_SD])
    comes = rng.random((paths, horizon)) < chance
    jumps = rng.choice(sizes, (paths, horizon)) * rng.standard_normal((paths, horizon))
    return np.asarray(np.cumsum(comes * jumps, axis=1))
