-- One row per node and kept answer of one shard: the 4,096 distinct answers with the smallest keys, to count the others.
with answers as (
    select
        call_facts.node_id,
        call_facts.answer_key,
        count(*) as rows,
        row_number() over (partition by call_facts.node_id order by call_facts.answer_key) as place
    from call_facts
    where call_facts.is_trainable
    group by call_facts.node_id, call_facts.answer_key
    qualify place <= 4097
)

select
    answers.node_id as node_id,                                 -- how the calls were recognised
    answers.answer_key as answer_key,                           -- equal for equal answers
    answers.rows as rows,                                       -- trainable rows with it
    coalesce(
        max(answers.answer_key) filter (where answers.place = 4097) over (partition by answers.node_id),
        18446744073709551615
    ) as kept_below                                             -- every answer with a smaller key is here
from answers
qualify answers.place <= 4096
