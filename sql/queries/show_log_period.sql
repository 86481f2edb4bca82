-- One row: the days that the log covers.
select
    min(raw_calls.requested_at) as first_at, -- earliest call
    max(raw_calls.requested_at) as last_at   -- latest call
from raw_calls
