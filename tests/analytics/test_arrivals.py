"""How calls arrive: peaks, burstiness, sleep and warm caches, from full and from sampled logs."""

import doctest

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from analytics import arrivals
from analytics.arrivals import arrivals_of, gamma_p99
from analytics.workspace import SQL

MINUTES = 40_000


def row_of(counts, weight=1.0, tokens_a_call=100, **changes):
    """What ``measure_arrivals`` gives for calls a minute, of which one in ``weight`` is in the log."""
    kept = counts if weight == 1 else np.random.default_rng(3).binomial(counts, 1 / weight)
    seen = kept * weight
    busy = np.sort(seen * tokens_a_call)
    return {
        "minutes": len(counts), "rows": int(kept.sum()), "calls": float(seen.sum()),
        "tokens": float(busy.sum()), "calls_squared": float((seen.astype(float) ** 2).sum()),
        "busy_minutes": int((kept > 0).sum()), "p99_tokens": float(busy[int(0.99 * len(busy))]), "awake_s": 0.25 * 60 * len(counts),
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
    assert arrivals_of(row_of(counts)).peak_to_mean == 200


def test_too_little_says_nothing():
    assert arrivals_of(row_of(np.random.default_rng(1).poisson(30, 300))) is None
    assert arrivals_of(row_of(np.zeros(MINUTES, dtype=int))) is None


def test_an_even_flow_has_no_peak():
    assert gamma_p99(0.0) == 1
    assert arrivals_of(row_of(np.full(MINUTES, 5))).peak_to_mean == 1


def test_the_query_sees_what_counting_minute_by_minute_sees():
    """Two days of calls, gaps and all, against plain arithmetic over the sampled hours."""
    stream = np.random.default_rng(9)
    seconds = np.sort(np.concatenate([stream.uniform(0, 172_800, 1_500), stream.uniform(86_400, 90_000, 600)]))
    con = database()
    hours = [
        hour
        for hour in range(48)
        if con.sql(f"select is_sampled_hour({MOMENT} + interval {hour} hour)").fetchall()[0][0]
    ]
    assert len(hours) == 6
    tokens = stream.integers(1, 900, len(seconds))
    con.register("told", pa.table({"ms": np.floor(seconds * 1000).astype(int), "tokens": tokens}))
    con.execute(f"create table seen as select {MOMENT} + to_milliseconds(ms) as moment, tokens from told")
    con.execute(PARTIAL)
    (found,) = con.sql(QUERY, params={"timeout_s": 300, "ttl_s": 300}).to_arrow_table().to_pylist()
    expected = by_hand(seconds, tokens, hours)
    assert {name: float(found[name]) for name in expected} == pytest.approx(expected, rel=1e-6)


MOMENT = "timestamptz '2026-02-01 00:00:00+00'"
QUERY = (SQL / "queries" / "measure_arrivals.sql").read_text()
PARTIAL = """
create table arrivals_by_node as
select 'n' as node_id, date_trunc('minute', moment) as minute_at, count(*) as rows, count(*)::double as calls,
    sum(tokens) as tokens, min(moment) as first_at, max(moment) as last_at
from seen where is_sampled_hour(moment) group by all;
create table node_tasks as select 'n' as node_id, 't' as task_id;
create table tasks_by_period as select 't' as task_id, min(moment) as first_at, max(moment) as last_at from seen;
"""


def database():
    con = duckdb.connect()
    con.execute("set timezone = 'UTC'")
    con.execute((SQL / "macros" / "is_sampled_hour.sql").read_text())
    return con


def by_hand(seconds, tokens, hours):
    """The same figures, one hour and one gap at a time."""
    seconds = np.floor(seconds * 1000) / 1000
    awake, hits, chances, spent, calls = 0.0, 0, 0, [], []
    for hour in hours:
        inside = (seconds >= 3600 * hour) & (seconds < 3600 * (hour + 1))
        places = ((seconds[inside] - 3600 * hour) // 60).astype(int)
        spent += np.bincount(places, tokens[inside], minlength=60).tolist()
        calls += np.bincount(places, minlength=60).tolist()
        for moment, gap in zip(seconds[inside], np.diff(seconds[inside], append=np.nan), strict=True):
            is_last = np.isnan(gap)
            awake += 300 if is_last else min(gap, 300)
            hits += not is_last and gap <= 300
            chances += not is_last or 3600 * (hour + 1) - moment > 300
    busy = sum(count > 0 for count in calls)
    return {
        "minutes": 60 * len(hours), "rows": sum(calls), "tokens": sum(spent), "busy_minutes": busy,
        "calls_squared": sum(count**2 for count in calls), "p99_tokens": sorted(spent)[int(np.ceil(0.99 * len(spent))) - 1],
        "awake_s": awake, "cache_hits": hits, "cache_chances": chances,
    }  # fmt: skip
