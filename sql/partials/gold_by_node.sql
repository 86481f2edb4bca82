-- One row per node of one shard: how often the teacher's answer is the gold one.
select
    call_nodes.node_id as node_id,                      -- how the calls were recognised
    count(*) as rows,                                   -- answers with gold
    count(*) filter (
        where lower(trim(stg_calls.output_text)) = lower(trim(gold.gold))
    ) as right_rows                                     -- of them equal to it
from gold
inner join stg_calls on stg_calls.call_id = gold.call_id
inner join call_nodes on call_nodes.call_id = gold.call_id
where stg_calls.status = 'success' and gold.gold is not null
group by all
