from datetime import date

import numpy as np
import pytest

from analytics.errors import DataMissing, InputError
from analytics.forecast import DailySeries, forecast_daily
from tests.analytics.forecast.series import daily


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -1.0])
def test_what_is_no_measurement_is_refused_by_name(bad):
    with pytest.raises(InputError, match=r"DailySeries\.value of 2025-01-07"):
        daily([1, bad, 3])


def test_days_must_rise_and_match_the_values():
    with pytest.raises(InputError, match=r"DailySeries\.day must rise"):
        DailySeries((date(2025, 1, 2), date(2025, 1, 2)), (1.0, 2.0))
    with pytest.raises(InputError, match=r"DailySeries\.value has 1"):
        DailySeries((date(2025, 1, 2), date(2025, 1, 3)), (1.0,))


def test_days_without_an_entry_are_unknown():
    series = DailySeries((date(2025, 1, 1), date(2025, 1, 4)), (1.0, None))
    assert np.isnan(series.array()).tolist() == [False, True, True, True]


@pytest.mark.parametrize("values", [[], [None], [None] * 100])
def test_nothing_known_is_said(values):
    with pytest.raises(DataMissing, match="requests"):
        forecast_daily(daily(values), 7)


@pytest.mark.parametrize("horizon", [0, -1, 5_000])
def test_a_senseless_horizon_is_refused(horizon):
    with pytest.raises(InputError, match="horizon_days"):
        forecast_daily(daily([1.0]), horizon)
