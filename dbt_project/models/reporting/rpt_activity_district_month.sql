-- Grain: one complete month, category and district (month, category, district) that had a child with a measure at its
-- end. A child without a known district, or with a protected address, counts in the district `unknown`. At the
-- month's end, as the children placed are counted: counted otherwise, the difference would tell who left.
with run as (
    select * from {{ ref('int_run') }}
)

select
    months.month,
    months.category,
    coalesce(children.district, 'unknown') as district,
    cast(count(distinct months.child_key) as integer) as children,
    cast(false as boolean) as suppressed
from {{ ref('int_measure_months') }} as months
cross join run
left join {{ ref('int_children') }} as children on months.child_key = children.child_key
where
    months.month between run.first_activity_month and run.last_complete_month
    and months.category is not null
    and months.is_active_at_month_end
group by months.month, months.category, coalesce(children.district, 'unknown')
