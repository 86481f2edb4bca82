"""How calls arrive: peaks, burstiness, sleep and warm caches, from full and from sampled logs."""

import doctest

import numpy as np
import pytest

from analytics import arrivals
from analytics.arrivals import arrivals_of, gamma_p99

MINUTES = 40_000


def row_of(counts, weight=1.0, tokens_a_call=100, **changes):
    """What ``measure_arrivals`` gives for calls a minute, of which one in ``weight`` is in the log."""
    kept = counts if weight == 1 else np.random.default_rng(3).binomial(counts, 1 / weight)
    seen = kept * weight
    busy = np.sort(seen * tokens_a_call)
    return {
        "minutes": len(counts), "rows": int(kept.sum()), "calls": float(seen.sum()),
        "tokens": float(busy.sum()), "calls_squared": float((seen.astype(float) ** 2).sum()),
        "p99_tokens": float(busy[int(0.99 * len(busy))]), "awake_s": 0.25 * 60 * len(counts),
        "cache_hits": 80, "cache_chances": 100, **changes,
    }  # fmt: skip


def test_examples_in_the_docstrings_hold():
    assert not doctest.testmod(arrivals).failed


def test_poisson_traffic_is_seen_as_such():
    counts = np.random.default_rng(1).poisson(30, MINUTES)
    found = arrivals_of(row_of(counts))
    assert found.scv == pytest.approx(1, abs=0.05)
    assert found.peak_to_mean == pytest.approx(np.quantile(counts, 0.99) / 30, rel=0.02)
    assert (found.awake_share, found.cache_hit_share) == (0.25, 0.8)


@pytest.mark.parametrize("weight", [10, 50])
def test_a_sampled_log_does_not_pass_for_burstier_traffic(weight):
    stream = np.random.default_rng(2)
    counts = stream.poisson(stream.gamma(4, 100, MINUTES))
    whole, sampled = arrivals_of(row_of(counts)), arrivals_of(row_of(counts, weight))
    naive = row_of(counts, weight)
    assert sampled.peak_to_mean == pytest.approx(whole.peak_to_mean, rel=0.1)
    assert sampled.scv == pytest.approx(whole.scv, rel=0.15)
    assert weight < 50 or naive["p99_tokens"] / naive["tokens"] * MINUTES > 1.1 * whole.peak_to_mean
    assert sampled.awake_share is None


def test_rare_calls_still_have_a_peak():
    counts = np.zeros(MINUTES, dtype=int)
    counts[::200] = 1
    assert arrivals_of(row_of(counts, p99_tokens=None)).peak_to_mean == MINUTES


def test_too_little_says_nothing():
    assert arrivals_of(row_of(np.random.default_rng(1).poisson(30, 300))) is None
    assert arrivals_of(row_of(np.zeros(MINUTES, dtype=int))) is None


def test_an_even_flow_has_no_peak():
    assert gamma_p99(0.0) == 1
    assert arrivals_of(row_of(np.full(MINUTES, 5))).peak_to_mean == 1
