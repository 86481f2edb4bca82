-- One row per node, measure and logarithmic bucket of one shard: a histogram whose quantiles are right to 2 %.
-- Buckets are powers of 1.04. Where all values of a bucket are equal, its quantile is exact.
with measured as (
    select
        call_facts.node_id,
        unnest([
            {'measure': 'latency_ms', 'value': call_facts.latency_ms},
            {'measure': 'input_tokens', 'value': call_facts.input_tokens::double},
            {'measure': 'output_tokens', 'value': call_facts.output_tokens::double},
        ], recursive := true)
    from call_facts
    where call_facts.is_trainable
)

select
    measured.node_id as node_id,                                                  -- how the calls were recognised
    measured.measure as measure,                                                  -- latency_ms, input_tokens or output_tokens
    case when measured.value > 0
        then floor(ln(measured.value) / ln(1.04))::integer end as bucket,         -- null for zero
    count(*) as rows,                                                             -- trainable rows in it
    min(measured.value) as least,                                                 -- smallest value in it
    max(measured.value) as most                                                   -- largest value in it
from measured
where measured.value is not null
group by all
