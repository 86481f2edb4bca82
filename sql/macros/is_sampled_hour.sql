-- True for one hour in eight: one of every eight in a row, another each time, so that eight days show each hour of the
-- day once. Whole hours, so that the gaps between calls can be seen.
create or replace macro is_sampled_hour(moment) as (
    (epoch(moment)::bigint // 3600) % 8 = (epoch(moment)::bigint // 28800 * 3) % 8
);
