-- Grain: one year (year) in which measures began as an alternative to placement, and what followed.
with alternatives as (
    select
        alternative.child_key,
        alternative.starts_on,
        case when alternative.outcome = 'placed' then alternative.child_key end as placed_child,
        case when alternative.outcome = 'not_placed' then alternative.child_key end as kept_child,
        case when alternative.outcome = 'open' then alternative.child_key end as followed_child,
        alternative.outcome
    from {{ ref('fct_placement_alternative') }} as alternative
    inner join {{ ref('int_run') }} as run on alternative.starts_on >= run.first_activity_month
)

select
    cast(extract(year from starts_on) as integer) as year,
    cast(count(*) as integer) as started,
    cast(sum(case when outcome = 'placed' then 1 else 0 end) as integer) as placed,
    cast(sum(case when outcome = 'not_placed' then 1 else 0 end) as integer) as not_placed,
    cast(sum(case when outcome = 'open' then 1 else 0 end) as integer) as still_followed,
    -- Of those that are known: who is still followed may yet be placed.
    cast(
        sum(case when outcome = 'placed' then 1.0 else 0.0 end)
        / nullif(sum(case when outcome <> 'open' then 1 else 0 end), 0) as decimal(9, 6)
    ) as share_placed,
    cast(count(distinct child_key) as integer) as children,
    cast(
        least(
            nullif(count(distinct placed_child), 0),
            nullif(count(distinct kept_child), 0),
            nullif(count(distinct followed_child), 0)
        ) as integer
    ) as children_min,
    false as suppressed
from alternatives
group by extract(year from starts_on)
