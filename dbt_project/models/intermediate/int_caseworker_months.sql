-- Grain: one caseworker in one month that one of their periods reaches into (caseworker_id, month).
-- FTE is the periods' own, by the days that each of them has of the month; the team is the latest period's.
with periods as (
    select
        caseworkers.caseworker_id,
        caseworkers.team,
        caseworkers.fte,
        caseworkers.valid_from,
        months.month,
        months.days_in_month,
        {{ days_inclusive(
            'greatest(caseworkers.valid_from, months.month)',
            'least(coalesce(caseworkers.valid_to, months.month_end), months.month_end)'
        ) }} as days,
        row_number() over (
            partition by caseworkers.caseworker_id, months.month
            order by caseworkers.valid_from desc, caseworkers.source_system desc
        ) as recency
    from {{ ref('stg_cases__caseworkers') }} as caseworkers
    cross join {{ ref('int_run') }} as run
    inner join {{ ref('int_months') }} as months
        on
            caseworkers.valid_from <= months.month_end
            and coalesce(caseworkers.valid_to >= months.month, true)
            and run.as_of >= months.month_end
            and run.first_activity_month <= months.month
)

select
    caseworker_id,
    month,
    max(case when recency = 1 then team end) as team,
    cast(sum(fte * days / days_in_month) as decimal(18, 4)) as fte
from periods
group by caseworker_id, month
