"""A curve that is known is found again, its range covers, and the verdict needs money to say anything."""

import numpy as np
import pytest

from pipeline.evaluation.learning_curve import Point, fit_power_law, learning_curve, usd_per_point

SIZES = (500, 1_000, 2_000, 4_000)


def points(error, rows=2_000, seed=0):
    generator = np.random.default_rng(seed)
    return [Point(n, int(generator.binomial(rows, error(n))), rows) for n in SIZES]


def test_a_power_law_is_found_again():
    a, b = fit_power_law(SIZES, [0.1 + 3 * n**-0.4 for n in SIZES], floor=0.1)
    assert (a, b) == pytest.approx((3, 0.4))
    assert fit_power_law([1, 2, 4], [0.1, 0.2, 0.4])[1] == 0


@pytest.mark.parametrize("floor", [0.0, 0.02, 0.05])
def test_the_range_covers_what_comes(floor):
    def error(n):
        return floor + 1.5 * n**-0.35

    held = 0
    for seed in range(150):
        found = learning_curve(points(error, seed=seed), 4_000, None, None, seed)
        held += found.error_then.low <= error(8_000) <= found.error_then.high
    assert held / 150 >= 0.87


def test_the_verdict_weighs_the_gain_against_its_cost():
    steep = points(lambda n: 3 * n**-0.5, rows=20_000)
    pays = learning_curve(steep, 4_000, 1e6, 0.01, 1)
    assert pays.verdict == "pays" and pays.value_usd.low > pays.cost_usd == 40
    assert learning_curve(steep, 4_000, 10.0, 10.0, 1).verdict == "does not pay"
    unknown = learning_curve(steep, 4_000, None, 0.01, 1)
    assert unknown.verdict is None and "cannot be said without price" in unknown.why


def test_few_points_cannot_say():
    found = learning_curve([Point(100, 9, 100)], 100, 1e6, 0.01, 1)
    assert (found.verdict, found.gain, found.error_now) == (None, None, 0.09)
    assert learning_curve([], 100, 1e6, 0.01, 1) is None


def test_what_an_error_less_is_worth():
    assert usd_per_point(1_000, 0.01, 10) == pytest.approx(1_200)
    assert usd_per_point(None, 0.01, 10) is None and usd_per_point(1_000, None, 10) is None
