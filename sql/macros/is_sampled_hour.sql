-- True for one hour in eight: one of every eight in a row, another each time, so that eight days show each hour of the
-- day once. Whole hours, so that the gaps between calls can be seen. Microseconds, because seconds would be rounded.
create or replace macro is_sampled_hour(moment) as (
    epoch_us(moment) // 3600000000 % 8 = epoch_us(moment) // 28800000000 * 3 % 8
);
