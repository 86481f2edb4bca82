"""What a candidate sees: the history up to one origin, on both scales, with its weekly pattern taken out once."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analytics.forecast.metrics import F
from analytics.forecast.weekly import repeat_effects, running_median, season_effects, spread_of

OUTLIER_SDS = 3.5
MEDIAN_DAYS = 15


@dataclass(frozen=True)
class Window:
    """History without gaps up to an origin. The candidates forecast logs; ``offset`` keeps the log of 0 finite."""

    values: F  # units of the series
    offset: float  # the log scale is log(value + offset)
    season: int  # 7 for days, 1 for none

    @cached_property
    def logs(self) -> F:
        """Values on the log scale."""
        return np.asarray(np.log(self.values + self.offset))

    @cached_property
    def effects(self) -> F:
        """Weekly pattern, phase 0 at the first value."""
        return season_effects(self.logs, self.season)

    @cached_property
    def adjusted(self) -> F:
        """Logs less the weekly pattern, with single odd days drawn in: a holiday must not move the level.

        Not without a season: there a step is the level.
        """
        flat = self.logs - repeat_effects(self.effects, len(self.logs))
        if len(flat) < MEDIAN_DAYS or self.season <= 1:
            return np.asarray(flat)
        level = running_median(flat, MEDIAN_DAYS)
        reach = OUTLIER_SDS * spread_of(flat - level)
        return np.asarray(level + np.clip(flat - level, -reach, reach))

    def seasonal(self, level_logs: F) -> F:
        """A forecast of the level, with the weekly pattern put back."""
        return np.asarray(level_logs + repeat_effects(self.effects, len(level_logs), len(self.logs)))

    def to_logs(self, values: F) -> F:
        """Values of the series on the log scale."""
        return np.asarray(np.log(np.maximum(values, 0) + self.offset))

    def to_values(self, logs: F) -> F:
        """Back to the units of the series, never below 0."""
        return np.asarray(np.maximum(np.exp(np.minimum(logs, 700.0)) - self.offset, 0.0))

    def until(self, origin: int) -> "Window":
        """The window as it was after ``origin`` days."""
        return Window(self.values[:origin], self.offset, self.season)
