-- One row if the nodes' rows or spend are not those of the calls, or the calls are not those that are stored.
with sums as (
    select
        (select count(*) from raw_calls) as stored_rows,
        (select count(*) from call_facts) as fact_rows,
        (select coalesce(sum(calls_by_node_and_day.rows), 0) from calls_by_node_and_day) as node_rows,
        (select coalesce(sum(calls_by_node_and_day.cost_usd), 0) from calls_by_node_and_day) as nodes_usd,
        (select coalesce(sum(call_facts.cost_usd::double * call_facts.weight), 0) from call_facts) as calls_usd
)

select
    sums.stored_rows as stored_rows, -- rows in the segments
    sums.fact_rows as fact_rows,     -- rows with a node and a price
    sums.node_rows as node_rows,     -- rows counted by node
    sums.nodes_usd as nodes_usd,     -- USD over all nodes
    sums.calls_usd as calls_usd      -- USD over all calls
from sums
where sums.stored_rows <> sums.fact_rows or sums.fact_rows <> sums.node_rows
    or abs(sums.nodes_usd - sums.calls_usd) > 1e-6 * greatest(1, abs(sums.calls_usd))
