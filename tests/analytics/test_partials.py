"""Partials: any cut into shards gives what the whole gives, and what is estimated is near what is counted."""

from itertools import pairwise

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.partials import PARTIALS
from analytics.workspace import SQL

FACTS = """
select
    'n' || (i % nodes) as node_id, 'c' || i as call_id,
    timestamptz '2026-01-01' + to_seconds(i * 5000000 // total) as requested_at,
    ['gpt-4o', 'gpt-4o-mini'][1 + i % 2] as model, if(hash(i + 7) % 20 = 0, 'failure', 'success') as status,
    hash(i + 8) % 50 = 0 as is_retry, 'teacher' as served_by, (20 + hash(i + 9) % 5000)::double as latency_ms,
    if(hash(i + 10) % 30 = 0, null, (1 + hash(i + 3) % 90)::decimal(18, 9) / 1000) as cost_usd, 0.01 as logged_cost_usd,
    2.0 as weight, 'u' || i % 3 as user_hash, true as token_check, 0::bigint as in_cache_read, 1::bigint as cache_write_tokens,
    2::bigint as reasoning_tokens,
    (hash(i + 11) % 3000)::bigint as input_tokens, (hash(i + 12) % 4)::bigint as output_tokens, 10::bigint as system_characters,
    20::bigint as input_characters, false as is_multi_turn, false as calls_tool,
    hash(request) as request_key, hash((request, hash(i + 1) % 10 = 0)) as answer_key, hash(i + 8) % 9 > 0 as is_trainable
from (select i, $total as total, $nodes as nodes,
             floor(power((hash(i + 2) % 1000003) / 1000003.0, $skew) * $requests)::bigint as request
      from range($total) as numbers(i))
"""


def make_facts(total, nodes=3, requests=500, skew=2.0):
    con = duckdb.connect()
    con.execute("set timezone = 'UTC'")
    query = {"total": total, "nodes": nodes, "requests": requests, "skew": skew}
    return con.sql(FACTS, params=query).to_arrow_table()


def database(**tables):
    con = duckdb.connect()
    con.execute("set timezone = 'UTC'")
    for macro in sorted((SQL / "macros").glob("*.sql")):
        con.execute(macro.read_text())
    for name, table in tables.items():
        con.register(name, table)
    return con


def partials(facts):
    calls = facts.select(["call_id", "requested_at", "status"])
    calls = calls.append_column("input_text", facts["call_id"]).append_column("output_text", facts["model"])
    gold = pa.table({"call_id": facts["call_id"], "gold": ["gpt-4o"] * len(facts)})
    con = database(call_facts=facts, stg_calls=calls, gold=gold, call_nodes=facts.select(["call_id", "node_id"]))
    return {name: con.sql((SQL / "partials" / f"{name}.sql").read_text()).to_arrow_table() for name in PARTIALS}


def merged(parts):
    con = database(**{f"{name}_parts": pa.concat_tables([part[name] for part in parts]) for name in PARTIALS})
    return {name: con.sql((SQL / "merges" / f"{name}.sql").read_text()).to_arrow_table() for name in PARTIALS}


def comparable(table):
    def plain(value):
        return round(float(value), 6) if isinstance(value, float) or type(value).__name__ == "Decimal" else value

    rows = [{name: plain(value) for name, value in row.items() if name != "is_frequent"} for row in table.to_pylist()]
    return sorted(rows, key=lambda row: [(value is None, str(value)) for value in row.values()])


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 2_000), max_size=4), st.integers(1, 4))
def test_shards_merge_to_what_the_whole_gives(cuts, nodes):
    facts = make_facts(2_000, nodes, requests=900, skew=1.0)
    edges = sorted({0, 2_000, *cuts})
    parts = [partials(facts.slice(a, b - a)) for a, b in pairwise(edges)]
    whole = partials(facts)
    for name, table in merged(parts).items():
        assert comparable(table) == comparable(whole[name]), name


def test_merging_in_steps_is_merging_at_once():
    facts = make_facts(60_000, 1, requests=40_000, skew=1.0)
    parts = [partials(facts.slice(at, 10_000)) for at in range(0, 60_000, 10_000)]
    at_once = merged(parts)
    in_steps = merged([merged(parts[:4]), merged(parts[4:])])
    for name in PARTIALS:
        assert comparable(in_steps[name]) == comparable(at_once[name]), name


def test_kept_requests_are_the_smallest_keys_of_the_whole():
    facts = make_facts(60_000, 1, requests=40_000, skew=1.0)
    parts = [partials(facts.slice(at, 10_000)) for at in range(0, 60_000, 10_000)]
    kept = merged(parts)["requests_by_node"]
    found = database(kept=kept).sql("select distinct request_key from kept where not is_frequent order by 1").fetchall()
    asked = database(facts=facts).sql("select distinct request_key from facts where is_trainable order by 1").fetchall()
    assert len(found) == 4_096 and found == asked[:4_096]


def profile_queries(facts, shards):
    size = -(-len(facts) // shards)
    tables = merged([partials(facts.slice(at, size)) for at in range(0, len(facts), size)])
    nodes = sorted(set(facts["node_id"].to_pylist()))
    con = database(**tables, node_tasks=pa.table({"node_id": nodes, "task_id": ["t"] * len(nodes)}))
    con.execute(f"create view requests_by_task as {(SQL / 'marts' / 'requests_by_task.sql').read_text()}")
    found = {}
    for name in ("measure_repeats", "measure_cache_hits", "measure_answers", "measure_lengths"):
        found[name] = con.sql((SQL / "queries" / f"{name}.sql").read_text()).to_arrow_table().to_pylist()
    return found


EXACT = """
with seen as (
    select *, requested_at - lag(requested_at) over (partition by request_key order by requested_at) as since
    from facts where is_trainable
)
select
    count(distinct request_key) as distinct_inputs, count(distinct answer_key) as distinct_outputs,
    sum(cost_usd * weight) filter (where since <= interval 1 day) / sum(cost_usd * weight) as repeat_share,
    (select sum(n * (n - 1)) from (select count(*) as n from seen group by request_key, answer_key))
        / (select sum(n * (n - 1)) from (select count(*) as n from seen group by request_key)) as consistency
from seen
"""


@pytest.mark.parametrize(
    ("requests", "skew", "tolerance"), [(900, 1.0, 1e-6), (150_000, 1.0, 0.05), (150_000, 6.0, 0.05)]
)
def test_what_is_counted_from_kept_requests_is_near_the_truth(requests, skew, tolerance):
    """1.6 % is one standard error of a count from 4,096 keys; three of them are allowed here."""
    facts = make_facts(300_000, 2, requests, skew)
    priced = facts.set_column(facts.schema.get_field_index("cost_usd"), "cost_usd", facts["logged_cost_usd"])
    truth = database(facts=priced).sql(EXACT).to_arrow_table().to_pylist()[0]
    found = profile_queries(priced, shards=6)
    (repeats,), (hits,), (answers,) = (found[f"measure_{name}"] for name in ("repeats", "cache_hits", "answers"))
    assert repeats["distinct_inputs"] == pytest.approx(truth["distinct_inputs"], rel=tolerance)
    assert answers["distinct_outputs"] == pytest.approx(truth["distinct_outputs"], rel=tolerance)
    assert hits["repeat_cost_usd"] / hits["cost_usd"] == pytest.approx(truth["repeat_share"], rel=tolerance, abs=0.01)
    assert repeats["self_consistency"] == pytest.approx(truth["consistency"], abs=max(tolerance / 2, 1e-6))


def test_quantiles_are_right_to_two_percent():
    facts = make_facts(50_000)
    found = {row["measure"]: row for row in profile_queries(facts, 4)["measure_lengths"]}
    exact = (
        database(facts=facts)
        .sql(
            "select quantile_disc(latency_ms, [0.5, 0.95]) as l, quantile_disc(input_tokens, [0.5, 0.95]) as i, "
            "quantile_disc(output_tokens, [0.5, 0.95]) as o from facts where is_trainable"
        )
        .fetchall()[0]
    )
    for measure, truth in zip(("latency_ms", "input_tokens", "output_tokens"), exact, strict=True):
        assert [found[measure]["p50"], found[measure]["p95"]] == pytest.approx(truth, rel=0.02)
