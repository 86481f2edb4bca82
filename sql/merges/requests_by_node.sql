-- One row per node, kept request, its answer and stretch of time of several shards: again the 4,096 requests with the
-- smallest keys, as if the shards had been one, and the 500 most frequent of those that a shard had found frequent.
with requests as (
    select
        requests_by_node_parts.node_id,
        requests_by_node_parts.request_key,
        bool_or(requests_by_node_parts.is_frequent) as was_frequent,
        sum(requests_by_node_parts.times) as times
    from requests_by_node_parts
    group by all
),

ranked as (
    select
        requests.node_id,
        requests.request_key,
        requests.was_frequent and row_number() over (
            partition by requests.node_id, requests.was_frequent order by requests.times desc, requests.request_key
        ) <= 500 as is_frequent
    from requests
),

limits as (
    select
        requests_by_node_parts.node_id,
        min(requests_by_node_parts.kept_below) as kept_below
    from requests_by_node_parts
    group by all
),

placed as (
    select
        ranked.node_id,
        ranked.request_key,
        ranked.is_frequent,
        limits.kept_below,
        row_number() over (partition by ranked.node_id, ranked.is_frequent order by ranked.request_key) as place
    from ranked
    inner join limits on limits.node_id = ranked.node_id
    where ranked.is_frequent or ranked.request_key < limits.kept_below
),

thresholds as (
    select
        placed.node_id,
        coalesce(
            min(placed.request_key) filter (where placed.place = 4097 and not placed.is_frequent),
            min(placed.kept_below)
        ) as kept_below
    from placed
    group by all
),

span as (
    select
        min(requests_by_node_parts.log_from) as log_from,
        max(requests_by_node_parts.log_to) as log_to
    from requests_by_node_parts
)

select
    requests_by_node_parts.node_id as node_id,                              -- how the calls were recognised
    requests_by_node_parts.request_key as request_key,                      -- equal for equal requests
    requests_by_node_parts.answer_key as answer_key,                        -- equal for equal answers
    stretch_of_time(requests_by_node_parts.period_at, span.log_from, span.log_to) as period_at, -- start of the day (hour ... in short logs)
    placed.is_frequent as is_frequent,                                      -- kept for its frequency, not by chance
    thresholds.kept_below as kept_below,                                    -- every request with a smaller key is here
    span.log_from as log_from,                                              -- earliest trainable call of all
    span.log_to as log_to,                                                  -- latest trainable call of all
    sum(requests_by_node_parts.times)::bigint as times,                     -- calls
    sum(requests_by_node_parts.priced_times)::bigint as priced_times,       -- of them, with a known price
    sum(requests_by_node_parts.cost_usd) as cost_usd,                       -- USD of the priced calls
    arg_min(requests_by_node_parts.first_cost_usd, requests_by_node_parts.first_at) as first_cost_usd, -- USD of the earliest priced one
    min(requests_by_node_parts.first_at) as first_at,                       -- earliest priced call
    max(requests_by_node_parts.last_at) as last_at                          -- latest priced call
from requests_by_node_parts
cross join span
inner join placed
    on placed.node_id = requests_by_node_parts.node_id
    and placed.request_key = requests_by_node_parts.request_key
inner join thresholds on thresholds.node_id = requests_by_node_parts.node_id
where placed.is_frequent or placed.place <= 4096
group by all
