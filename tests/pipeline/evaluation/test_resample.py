"""Resampling by group: the interval covers, repeats do not make it narrow, and the test is fair."""

import numpy as np
import pytest

from pipeline.evaluation import resample
from pipeline.evaluation.resample import difference, exchange_test, interval
from pipeline.metrics import Known, discover, mean_tally


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(resample, "RESAMPLES", 300)
    monkeypatch.setattr(resample, "SWAPS", 300)


def test_the_interval_of_a_mean_is_that_of_its_standard_error():
    values = np.random.default_rng(0).random(900)
    found = interval(mean_tally(values.tolist()), range(900), seed=1)
    half = 1.96 * values.std() / 30
    assert (found.value - found.low, found.high - found.value) == pytest.approx((half, half), rel=0.12)


def test_repeats_widen_it_and_a_seed_repeats_it():
    scores = np.random.default_rng(0).random(60).repeat(10).tolist()
    groups = np.arange(60).repeat(10).tolist()
    grouped, single = (interval(mean_tally(scores), one, seed=1) for one in (groups, range(600)))
    assert grouped.high - grouped.low > 2.5 * (single.high - single.low)
    assert interval(mean_tally(scores), groups, seed=1) == grouped


def test_few_groups_say_nothing():
    assert interval(mean_tally([1.0, 0.0] * 50), [0] * 100, seed=1) is None
    found = difference(mean_tally([1.0, 0.0] * 50), mean_tally([0.0, 0.0] * 50), [0] * 100, seed=1)
    assert (found.value, found.low, found.p_value) == (0.5, None, None)


def test_an_interval_covers_in_simulation(quick):
    """Groups of one to four rows whose scores hang together; the truth is the mean over groups weighed by size."""
    generator = np.random.default_rng(3)
    held = 0
    for trial in range(300):
        sizes = generator.integers(1, 5, 120)
        level = generator.beta(4, 1, 120)
        scores = np.clip(level.repeat(sizes) + generator.normal(0, 0.01, sizes.sum()), 0, 1)
        found = interval(mean_tally(scores.tolist()), np.arange(120).repeat(sizes).tolist(), seed=trial)
        held += found.low <= 0.7993 <= found.high
    assert held / 300 >= 0.93


def test_pooled_f1_has_an_interval_that_holds_it():
    generator = np.random.default_rng(1)
    wanted = generator.choice(list("abcd"), 400).tolist()
    said = [one if generator.random() < 0.8 else "a" for one in wanted]
    for tally in discover()["label_f1"].tallies(said, wanted, Known()).values():
        found = interval(tally, range(400), seed=2)
        assert found.low < found.value < found.high and found.high - found.low < 0.15


def test_the_exchange_test_is_fair_and_sees_a_difference(quick):
    generator = np.random.default_rng(7)
    small = 0
    for trial in range(200):
        one, other = (mean_tally((generator.random(60) < 0.7).astype(float).tolist()) for _ in range(2))
        small += exchange_test(one, other, range(60), seed=trial) <= 0.05
    assert small / 200 <= 0.09
    good, bad = mean_tally([1.0] * 80 + [0.0] * 20), mean_tally([1.0] * 50 + [0.0] * 50)
    assert exchange_test(good, bad, range(100), seed=1) < 0.01
    found = difference(good, bad, range(100), seed=1)
    assert found.low > 0 and found.value == pytest.approx(0.3)


def test_equal_answerers_do_not_differ():
    same = mean_tally([1.0, 0.0, 0.5, 1.0] * 10)
    found = difference(same, same, range(40), seed=1)
    assert (found.value, found.low, found.high, found.p_value) == (0, 0, 0, 1)
