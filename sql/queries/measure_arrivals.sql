-- One row per task: how its calls arrive, from one hour in eight between its first and last call. Minutes without a call
-- count. $timeout_s: a machine goes to sleep that long after its last call; $ttl_s: a prompt cache forgets after that.
with minutes as (
    select
        node_tasks.task_id,
        arrivals_by_node.minute_at,
        sum(arrivals_by_node.rows) as rows,
        sum(arrivals_by_node.calls) as calls,
        sum(arrivals_by_node.tokens) as tokens,
        min(arrivals_by_node.first_at) as first_at,
        max(arrivals_by_node.last_at) as last_at
    from arrivals_by_node
    inner join node_tasks on node_tasks.node_id = arrivals_by_node.node_id
    group by all
),

spans as (
    select
        tasks_by_period.task_id,
        len(list_filter(
            generate_series(date_trunc('hour', tasks_by_period.first_at), tasks_by_period.last_at, interval 1 hour),
            lambda moment: is_sampled_hour(moment)
        )) * 60 as minutes
    from tasks_by_period
),

ordered as (
    select
        minutes.*,
        spans.minutes,
        spans.minutes - count(*) over of_task + row_number() over (
            partition by minutes.task_id order by minutes.tokens
        ) as rank_with_empty,
        epoch(lead(minutes.first_at) over (of_task order by minutes.minute_at) - minutes.last_at) as gap_s,
        lead(date_trunc('hour', minutes.minute_at)) over (of_task order by minutes.minute_at)
            = date_trunc('hour', minutes.minute_at) as is_same_hour,
        3600 - epoch(minutes.last_at - date_trunc('hour', minutes.last_at)) as left_of_hour_s
    from minutes
    inner join spans on spans.task_id = minutes.task_id
    window of_task as (partition by minutes.task_id)
)

select
    ordered.task_id as task_id,                                                              -- task
    any_value(ordered.minutes) as minutes,                                                   -- minutes looked at
    sum(ordered.rows)::bigint as rows,                                                       -- rows of the log in them
    sum(ordered.calls) as calls,                                                             -- calls they stand for
    sum(ordered.tokens) as tokens,                                                           -- in and out
    sum(ordered.calls * ordered.calls) as calls_squared,                                     -- for their variance
    count(*) as busy_minutes,                                                                -- minutes with a call
    min(ordered.tokens) filter (where ordered.rank_with_empty >= 0.99 * ordered.minutes) as p99_tokens, -- of a minute
    sum(
        epoch(ordered.last_at - ordered.first_at)
        + case when ordered.is_same_hour then least(ordered.gap_s, $timeout_s) else $timeout_s end
    ) as awake_s,                                                                            -- seconds awake, at most
    sum(ordered.rows - 1) + count(*) filter (where ordered.is_same_hour and ordered.gap_s <= $ttl_s) as cache_hits, -- gaps within the lifetime
    sum(ordered.rows - 1) + count(*) filter (
        where ordered.is_same_hour or ordered.left_of_hour_s > $ttl_s
    ) as cache_chances                                                                       -- gaps whose length is known to be above or below it
from ordered
group by all
order by task_id
