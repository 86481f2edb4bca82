"""Which forecast to use: the mean of the good candidates, unless one of the naive ones was clearly better."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics.forecast.combine import mean_of_logs
from analytics.forecast.guards import guarded
from analytics.forecast.methods import NAIVE, TREND, Method
from analytics.forecast.metrics import F, naive_scale
from analytics.forecast.rolling import Rolled, mean_error
from analytics.forecast.window import Window

GOOD = 1.05  # members up to a twentieth worse than the best are averaged: five origins tell no finer
CLEARLY = 0.9  # what a candidate outside must reach of the combination's error to replace it


@dataclass(frozen=True)
class Score:
    """How one candidate did over the rolling origins."""

    method: str
    mase: float  # mean absolute error over that of the seasonal naive within the history
    is_naive: bool


@dataclass(frozen=True)
class Choice:
    """The forecast chosen, before its range."""

    method: str
    why: str
    logs: F  # of the coming days
    errors: F  # origin x lead: log of what came less log of the forecast, NaN where unknown
    mase: float | None  # over the rolling origins
    scores: tuple[Score, ...]  # best first
    trend_share: float = 0.0  # of the averaged methods, those that estimate a trend


def choose(
    window: Window, methods: Sequence[Method], rolled: Rolled, horizon: int, *, of_totals: bool = False
) -> Choice:
    """Weigh the candidates by their rolling origins and forecast from today.

    of_totals: judge by the totals that came, as an intermittent series needs.
    """
    errors = {trial.method.name: mean_error(trial.logs, rolled, window, of_totals=of_totals) for trial in rolled.trials}
    tried = {name: error for name, error in errors.items() if error is not None}
    wanted, why = _wanted(methods, tried, rolled, window)
    used = [(method, logs) for method in wanted if (logs := guarded(method, window, horizon)) is not None]
    if not used:
        why, used = _fall_back(window, horizon, wanted)
    names = [method.name for method, _ in used]
    table = _table(rolled, names)
    error = mean_error(table, rolled, window) if table is not None else None
    scale = naive_scale(window.values, window.season)
    return Choice(
        method=names[0] if len(names) == 1 else "mean of " + ", ".join(names),
        why=why,
        logs=mean_of_logs([logs for _, logs in used]),
        errors=rolled.actual_logs - table if table is not None else np.full((0, horizon), np.nan),
        mase=error / scale if error is not None and scale else None,
        scores=_scores(tried, scale),
        trend_share=sum(method in TREND for method, _ in used) / len(used),
    )


def _wanted(
    methods: Sequence[Method], tried: dict[str, float], rolled: Rolled, window: Window
) -> tuple[list[Method], str]:
    """The methods to average and why."""
    members = [method for method in methods if method.is_member]
    good = [method for method in members if method.name in tried]
    if not good:
        return members or list(methods[1:2]), "the history is too short to try candidates on it"
    best = min(tried[method.name] for method in good)
    good = [method for method in good if tried[method.name] <= GOOD * best]
    table = _table(rolled, [method.name for method in good])
    together = (mean_error(table, rolled, window) if table is not None else None) or best
    rivals = [method for method in methods if method.name in tried and not method.is_member and method.may_win]
    rival = min(rivals, key=lambda method: tried[method.name], default=None)
    count = len(rolled.origins)
    if rival is not None and tried[rival.name] < CLEARLY * together:
        return [rival], (
            f"from {count} past days its error was {tried[rival.name] / together:.2f} times that of the combination"
        )
    return good, f"from {count} past days these were within {GOOD - 1:.0%} of the best; their mean is used"


def _fall_back(window: Window, horizon: int, failed: Sequence[Method]) -> tuple[str, list[tuple[Method, F]]]:
    method = NAIVE[1]
    names = ", ".join(one.name for one in failed)
    return f"fallback: {names} gave no finite forecast within 50 times the largest day", [
        (method, method.ahead(window, horizon))
    ]


def _table(rolled: Rolled, names: Sequence[str]) -> F | None:
    tables = [trial.logs for trial in rolled.trials if trial.method.name in names]
    return mean_of_logs(tables) if tables and rolled.origins else None


def _scores(tried: dict[str, float], scale: float | None) -> tuple[Score, ...]:
    naive = {method.name for method in NAIVE}
    rows = [Score(name, error / scale, name in naive) for name, error in tried.items()] if scale else []
    return tuple(sorted(rows, key=lambda row: row.mase))
