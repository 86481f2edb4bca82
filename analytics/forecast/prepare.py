"""From a raw array of days to a history without gaps, part days, closed weekdays, holidays and level shifts."""

from dataclasses import dataclass, replace

import numpy as np

from analytics.forecast.breaks import Break, find_breaks, level_history
from analytics.forecast.intermittent import INTERMITTENT_ADI, mean_days_between
from analytics.forecast.metrics import F
from analytics.forecast.weekly import spread_of
from analytics.forecast.window import Window

OFFSET_SHARE = 0.02  # of the mean: keeps the log of an empty day finite without bending the rest
CLOSED_WEEKS = 4  # weeks without anything on a weekday before it counts as closed
RECENT_DAYS = 91
PART_DAY = 0.75  # a first or last day below this share of its expectation, and out of the ordinary, is a part day
PART_DAY_SDS = 2.5


@dataclass(frozen=True)
class History:
    """What candidates and paths work on. ``days`` are the positions that remain of the raw array."""

    window: Window  # without gaps, on today's level
    days: np.ndarray  # position of each value in the raw array
    known: np.ndarray  # False where a value was filled in
    is_open: np.ndarray  # by phase of the raw array: does anything ever come on this weekday?
    is_intermittent: bool
    breaks: tuple[Break, ...]  # index in the raw array
    part_days: tuple[int, ...]  # positions left out as incomplete
    holiday_ratio: float  # value of a holiday over that of a usual day
    raw_days: int  # length of the raw array: the forecast starts right after


def prepare(raw: F, season: int, holidays: np.ndarray) -> History | None:
    """The history of an array in which NaN is unknown; None when no value is known.

    holidays: which days of ``raw`` are holidays; they are taken out and their usual share is kept.
    """
    known = np.isfinite(raw)
    if not known.any():
        return None
    is_open = _open_phases(raw, season)
    days = np.array([day for day in _span(known) if is_open[day % season]])
    part_days = _part_days(raw, days, season)
    days = days[~np.isin(days, part_days)]
    kept = np.isfinite(raw[days]) & ~holidays[days]
    kept = kept if kept.any() else np.isfinite(raw[days])
    inner = int(is_open.sum()) if season > 1 else 1
    window = Window(_filled(raw[days], kept, inner), _offset(raw[days][kept]), inner)
    history = History(window, days, kept, is_open, _is_intermittent(window.values), (), part_days, 1.0, len(raw))
    return _with_holidays(_on_one_level(history), raw, holidays)


def _span(known: np.ndarray) -> range:
    places = np.flatnonzero(known)
    return range(int(places[0]), int(places[-1]) + 1)


def _open_phases(raw: F, season: int) -> np.ndarray:
    """Weekdays on which anything came in the last four weeks; all of them in a shorter or silent history."""
    recent = raw[-CLOSED_WEEKS * season :]
    if season <= 1 or len(raw) < CLOSED_WEEKS * season or not np.nansum(recent):
        return np.ones(max(season, 1), dtype=bool)
    start = len(raw) - len(recent)
    phases = [recent[(phase - start) % season :: season] for phase in range(season)]
    return np.array([bool(np.nansum(values) > 0) or bool(np.isnan(values).all()) for values in phases])


def _part_days(raw: F, days: np.ndarray, season: int) -> tuple[int, ...]:
    """First and last day where they are so low that the log seems to begin or end within them."""
    if season <= 1 or len(days) < 3 * season:
        return ()
    ends = ((days[-1], raw[days[:-1]][::-1]), (days[0], raw[days[1:]]))
    return tuple(int(day) for day, others in ends if _is_part(raw[day], others, int(season)))


def _is_part(value: float, others: F, season: int) -> bool:
    """Is the value below what its weekday and its neighbours let expect?

    others: the days beside it, nearest first.
    """
    near = others[: 6 * season]
    same = near[season - 1 :: season]
    usual = float(np.nanmedian(same[:4])) if np.isfinite(same[:4]).any() else float("nan")
    if not usual > 0 or np.nanmean(near == 0) > 0.2:
        return False
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.log(near[season:] / near[:-season])
    steps = steps[np.isfinite(steps)]
    spread = spread_of(steps) / np.sqrt(2) if len(steps) > 3 else 0.3
    return value < PART_DAY * usual and value < usual * np.exp(-PART_DAY_SDS * spread)


def _offset(values: F) -> float:
    mean = float(values[-RECENT_DAYS:].mean())
    return OFFSET_SHARE * mean if mean > 0 and (values == 0).any() else (0.0 if mean > 0 else 1.0)


def _filled(values: F, kept: np.ndarray, season: int) -> F:
    """Gaps get the nearest known value of the same phase before them, else after them, else the mean."""
    filled = np.where(kept, values, np.nan)
    for place in np.flatnonzero(~kept):
        before = filled[place % season : place : season]
        after = filled[place + season :: season]
        near = np.concatenate([before[np.isfinite(before)][-1:], after[np.isfinite(after)][:1]])
        filled[place] = near.mean() if len(near) else np.mean(values[kept])
    return filled


def _is_intermittent(values: F) -> bool:
    return mean_days_between(values[-RECENT_DAYS:]) > INTERMITTENT_ADI


def _on_one_level(history: History) -> History:
    """Move what lies before each level shift to the level of today."""
    window = history.window
    if history.is_intermittent or window.season <= 1:
        return history
    breaks = find_breaks(window.adjusted)
    if not breaks:
        return history
    moved = np.where(window.values > 0, window.to_values(level_history(window.logs, breaks)), 0.0)
    shifts = tuple(Break(int(history.days[one.at]), one.jump) for one in breaks)
    return replace(history, window=replace(window, values=moved), breaks=shifts)


def _with_holidays(history: History, raw: F, holidays: np.ndarray) -> History:
    """The usual share of a holiday, against what was filled in for it; 1 when none was seen."""
    seen = holidays[history.days] & np.isfinite(raw[history.days]) & ~history.known
    usual = history.window.values[seen]
    if not seen.any() or not usual.sum() > 0:
        return history
    return replace(history, holiday_ratio=float(raw[history.days][seen].sum() / usual.sum()))
