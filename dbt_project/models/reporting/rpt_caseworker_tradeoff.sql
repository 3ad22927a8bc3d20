-- Grain: one year: both sides of the Sverigesmodel, the caseworkers' pay and what the measures cost.
-- Only months that are over count; each year is held against the same months of the year before.
with monthly as (
    select
        costs.posting_month as month,
        {{ add_months('costs.posting_month', 12) }} as next_year_month,
        sum(case when casework.function is not null then costs.amount else 0 end) as casework_cost,
        sum(case when casework.function is null then costs.amount else 0 end) as measure_cost
    from {{ ref('int_costs') }} as costs
    cross join {{ ref('int_run') }} as run
    left join {{ ref('ref_casework_functions') }} as casework on costs.function = casework.function
    where costs.function <> 'unknown' and costs.posting_month <= run.last_complete_month
    group by costs.posting_month
),

paired as (
    select
        monthly.month,
        monthly.casework_cost,
        monthly.measure_cost,
        earlier.casework_cost as casework_cost_before,
        earlier.measure_cost as measure_cost_before
    from monthly
    left join monthly as earlier on monthly.month = earlier.next_year_month
),

booked as (
    select
        cast(extract(year from month) as integer) as year,
        count(*) as months,
        sum(casework_cost) as casework_cost,
        sum(measure_cost) as measure_cost,
        case when count(casework_cost_before) = count(*) then sum(casework_cost_before) end
            as casework_cost_before,
        case when count(measure_cost_before) = count(*) then sum(measure_cost_before) end
            as measure_cost_before
    from paired
    group by cast(extract(year from month) as integer)
),

by_month as (
    select
        month,
        sum(open_cases) as open_cases,
        sum(fte) as fte
    from {{ ref('fct_caseload_month') }}
    group by month
),

caseload as (
    select
        cast(extract(year from month) as integer) as year,
        avg(open_cases) as open_cases,
        avg(fte) as fte
    from by_month
    group by cast(extract(year from month) as integer)
),

children as (
    select
        cast(extract(year from month) as integer) as year,
        count(distinct person_id) as children
    from {{ ref('int_case_months') }}
    group by cast(extract(year from month) as integer)
)

select
    caseload.year,
    cast(booked.months as integer) as months,
    cast(caseload.open_cases as decimal(18, 2)) as open_cases,
    cast(caseload.fte as decimal(18, 4)) as fte,
    cast(caseload.open_cases / nullif(caseload.fte, 0) as decimal(18, 2)) as cases_per_fte,
    cast(children.children as integer) as children,
    cast(booked.casework_cost as decimal(18, 2)) as casework_cost,
    cast(booked.measure_cost as decimal(18, 2)) as measure_cost,
    cast(booked.measure_cost / nullif(caseload.open_cases, 0) as decimal(18, 2)) as measure_cost_per_case,
    cast(booked.measure_cost / nullif(children.children, 0) as decimal(18, 2)) as measure_cost_per_child,
    cast(booked.casework_cost - booked.casework_cost_before as decimal(18, 2)) as casework_cost_change,
    cast(booked.measure_cost - booked.measure_cost_before as decimal(18, 2)) as measure_cost_change,
    cast(
        booked.casework_cost - booked.casework_cost_before + booked.measure_cost - booked.measure_cost_before
        as decimal(18, 2)
    ) as net_change,
    cast(false as boolean) as suppressed
from caseload
left join booked on caseload.year = booked.year
left join children on caseload.year = children.year
