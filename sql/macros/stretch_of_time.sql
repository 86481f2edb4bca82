-- Start of the stretch of time that a moment falls into: a day, in logs of less than ten of them an hour, then a minute,
-- then a second. log_from, log_to: the log's earliest and latest moment.
create or replace macro stretch_of_time(moment, log_from, log_to) as (
    case
        when log_to - log_from > interval 10 day then date_trunc('day', moment)
        when log_to - log_from > interval 10 hour then date_trunc('hour', moment)
        when log_to - log_from > interval 10 minute then date_trunc('minute', moment)
        else date_trunc('second', moment)
    end
);
