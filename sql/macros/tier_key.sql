-- What a call was sold as: batch, or the service tier as the source wrote it; standard when it names none.
create or replace macro tier_key(is_batch, service_tier) as (
    case when is_batch then 'batch' else coalesce(service_tier, 'standard') end
);
