-- One row: tokens and characters of a task's answered calls, from which tokens of later texts are estimated.
select
    sum(
        calls.in_uncached + coalesce(calls.in_cache_read, 0) + coalesce(calls.in_cache_write_5m, 0)
        + coalesce(calls.in_cache_write_1h, 0)
    ) as input_tokens,                                   -- that the teacher billed
    sum(
        length(coalesce(calls.system_prompt, '')) + length(coalesce(calls.messages, calls.input_text, ''))
    ) as input_characters,                               -- of system prompt and messages
    sum(calls.out_visible + coalesce(calls.out_reasoning, 0)) as output_tokens, -- that the teacher billed, reasoning included
    sum(length(coalesce(calls.output_text, ''))) as output_characters, -- of the answers
    count(*) as calls                                    -- that were summed
from calls
inner join call_tasks on call_tasks.call_id = calls.call_id
where
    call_tasks.task_id = $task_id
    and calls.served_by = 'teacher'
    and calls.status = 'success'
    and calls.in_uncached is not null
    and calls.out_visible is not null
    and calls.output_text is not null
    and not coalesce(calls.is_truncated, false)
