"""A judge that knows something narrows the interval; one that knows nothing costs nothing."""

import numpy as np
import pytest

from analytics.production.judged_error import Judged, Served, asymptotic_half_width, judged_error, tightest_rho


def test_published_half_width():
    assert asymptotic_half_width(0.3, 1000, 0.0890850975) == pytest.approx(0.0287945208, abs=1e-10)
    assert tightest_rho(1000) == pytest.approx(0.0890850975, abs=1e-10)


def simulated(seed, sharp):
    draw = np.random.default_rng(seed)
    truth = draw.random(20_000) < 0.1
    told = np.where(truth, sharp, 0.02) if sharp else draw.random(20_000)
    chosen = draw.random(20_000) < 0.05
    rows = [Judged(0.05, bool(w), float(f)) for w, f in zip(truth[chosen], told[chosen], strict=True)]
    return judged_error(rows, Served(20_000, float(told.sum()), float((told**2).sum()))), float(truth.mean())


def test_a_sharp_judge_narrows_and_a_useless_one_gets_no_weight():
    (with_judge, weight), truth = simulated(3, sharp=0.9)
    (without, none), _ = simulated(3, sharp=None)
    assert weight > 0.8 and none < 0.2
    assert with_judge.high - with_judge.low < 0.6 * (without.high - without.low)
    assert with_judge.low <= truth <= with_judge.high and without.low <= truth <= without.high


def test_too_few_audits_have_no_variance_to_speak_of():
    assert judged_error([Judged(0.05, True, 0.1)] * 10, Served(1000, 10.0, 1.0)) is None
