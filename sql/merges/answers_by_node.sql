-- One row per node and kept answer of several shards: again the 4,096 distinct answers with the smallest keys.
with answers as (
    select
        answers_by_node_parts.node_id,
        answers_by_node_parts.answer_key,
        sum(answers_by_node_parts.rows)::bigint as rows,
        min(min(answers_by_node_parts.kept_below)) over (partition by answers_by_node_parts.node_id) as kept_below
    from answers_by_node_parts
    group by answers_by_node_parts.node_id, answers_by_node_parts.answer_key
),

placed as (
    select
        answers.*,
        row_number() over (partition by answers.node_id order by answers.answer_key) as place
    from answers
    where answers.answer_key < answers.kept_below or answers.kept_below = 18446744073709551615
    qualify place <= 4097
)

select
    placed.node_id as node_id,                                  -- how the calls were recognised
    placed.answer_key as answer_key,                            -- equal for equal answers
    placed.rows as rows,                                        -- trainable rows with it
    coalesce(
        max(placed.answer_key) filter (where placed.place = 4097) over (partition by placed.node_id),
        placed.kept_below
    ) as kept_below                                             -- every answer with a smaller key is here
from placed
qualify placed.place <= 4096
