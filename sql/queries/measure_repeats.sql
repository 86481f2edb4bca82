-- One row per task: how often the newest fifth repeats earlier requests, and the teacher itself.
with trainable as (
    select
        call_facts.task_id,
        call_facts.request_key,
        call_facts.answer_key,
        percent_rank() over (partition by call_facts.task_id order by call_facts.requested_at) >= 0.8 as is_new
    from call_facts
    where call_facts.is_trainable
),

answers as (
    select
        trainable.task_id,
        trainable.request_key,
        trainable.answer_key,
        count(*) as times,
        count(*) filter (where not trainable.is_new) as earlier_times
    from trainable
    group by all
),

requests as (
    select
        answers.task_id,
        answers.request_key,
        sum(answers.times) as times,
        sum(answers.times * (answers.times - 1)) as agreeing_pairs,
        sum(answers.earlier_times) as earlier_times,
        arg_max(answers.answer_key, (answers.earlier_times, answers.answer_key)) as usual_answer
    from answers
    group by all
),

newest as (
    select
        trainable.task_id,
        count(*) as new_rows,
        count(*) filter (where requests.earlier_times > 0) as repeated_rows,
        count(*) filter (where requests.earlier_times > 0 and requests.usual_answer = trainable.answer_key) as agreeing_rows
    from trainable
    inner join requests
        on requests.task_id = trainable.task_id
        and requests.request_key = trainable.request_key
    where trainable.is_new
    group by all
),

pairs as (
    select
        requests.task_id,
        sum(requests.times * (requests.times - 1)) as pairs,
        sum(requests.agreeing_pairs) as agreeing_pairs,
        count(*) filter (where requests.times = 1) as singletons,
        sum(requests.times) as rows
    from requests
    group by all
)

select
    newest.task_id as task_id,                                                    -- task
    newest.new_rows as new_rows,                                                  -- rows of the newest fifth
    newest.repeated_rows as repeated_rows,                                        -- of them, asked before
    newest.agreeing_rows as agreeing_rows,                                        -- of those, answered as before
    pairs.singletons::double / pairs.rows as novelty,                             -- Good-Turing n1 / n of requests
    pairs.agreeing_pairs::double / nullif(pairs.pairs, 0) as self_consistency,    -- chance that two answers to one request agree
    pairs.pairs::bigint as repeated_pairs                                         -- pairs behind it
from newest
inner join pairs on pairs.task_id = newest.task_id
order by task_id
