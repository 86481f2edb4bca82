-- One row if what was counted is not every stored call, each once.
select
    (select coalesce(sum(segments.rows), 0) from segments where segments.kind = 'calls')::bigint as stored_rows, -- calls in the record
    (select coalesce(sum(tasks_by_period.rows), 0) from tasks_by_period)::bigint as counted_rows                 -- calls of all tasks
where stored_rows <> counted_rows
