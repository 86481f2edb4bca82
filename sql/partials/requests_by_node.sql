-- One row per node, kept request, its answer and stretch of time of one shard: how often the same is asked.
-- Kept are the 4,096 requests of a node with the smallest keys, which is a random sample of its distinct requests
-- (bottom-k; Cohen and Kaplan 2007) that merges exactly, and beside it the 500 most frequent that came 20 times or more.
with trainable as (
    select
        call_facts.node_id,
        call_facts.request_key,
        call_facts.answer_key,
        call_facts.requested_at,
        call_facts.cost_usd::double * call_facts.weight as cost_usd
    from call_facts
    where call_facts.is_trainable
),

span as (
    select
        min(trainable.requested_at) as log_from,
        max(trainable.requested_at) as log_to
    from trainable
),

requests as (
    select
        trainable.node_id,
        trainable.request_key,
        count(*) as times
    from trainable
    group by all
),

ranked as (
    select
        requests.node_id,
        requests.request_key,
        requests.times >= 20 and row_number() over (
            partition by requests.node_id order by requests.times desc, requests.request_key
        ) <= 500 as is_frequent
    from requests
),

placed as (
    select
        ranked.node_id,
        ranked.request_key,
        ranked.is_frequent,
        row_number() over (
            partition by ranked.node_id, ranked.is_frequent order by ranked.request_key
        ) as place
    from ranked
),

thresholds as (
    select
        placed.node_id,
        min(placed.request_key) filter (where placed.place = 4097 and not placed.is_frequent) as kept_below
    from placed
    group by all
),

kept as (
    select
        placed.node_id,
        placed.request_key,
        placed.is_frequent,
        coalesce(thresholds.kept_below, 18446744073709551615) as kept_below
    from placed
    inner join thresholds on thresholds.node_id = placed.node_id
    where placed.is_frequent or placed.place <= 4096
)

select
    trainable.node_id as node_id,                                           -- how the calls were recognised
    trainable.request_key as request_key,                                   -- equal for equal requests
    trainable.answer_key as answer_key,                                     -- equal for equal answers
    stretch_of_time(trainable.requested_at, span.log_from, span.log_to) as period_at, -- start of the day (hour ... in short logs)
    kept.is_frequent as is_frequent,                                        -- kept for its frequency, not by chance
    kept.kept_below as kept_below,                                          -- every request with a smaller key is here
    span.log_from as log_from,                                              -- earliest trainable call of all
    span.log_to as log_to,                                                  -- latest trainable call of all
    count(*) as times,                                                      -- calls
    count(trainable.cost_usd) as priced_times,                              -- of them, with a known price
    sum(trainable.cost_usd) as cost_usd,                                    -- USD of the priced calls
    arg_min(trainable.cost_usd, trainable.requested_at) as first_cost_usd,  -- USD of the earliest priced one
    min(trainable.requested_at) filter (where trainable.cost_usd is not null) as first_at, -- earliest priced call
    max(trainable.requested_at) filter (where trainable.cost_usd is not null) as last_at   -- latest priced call
from trainable
cross join span
inner join kept
    on kept.node_id = trainable.node_id
    and kept.request_key = trainable.request_key
group by all
