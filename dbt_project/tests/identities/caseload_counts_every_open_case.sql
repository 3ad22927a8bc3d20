-- Every open case and every full-time equivalent of a month is in fct_caseload_month once, whoever has it.
with counted as (
    select
        month,
        sum(open_cases) as open_cases,
        sum(fte) as fte
    from {{ ref('fct_caseload_month') }}
    group by month
),

cases as (
    select
        month,
        count(*) as open_cases
    from {{ ref('int_case_months') }}
    group by month
),

workers as (
    select
        month,
        sum(fte) as fte
    from {{ ref('int_caseworker_months') }}
    group by month
)

select
    counted.month,
    counted.open_cases as cases_told,
    cases.open_cases as cases_open,
    counted.fte as fte_told,
    workers.fte as fte_employed
from counted
left join cases on counted.month = cases.month
left join workers on counted.month = workers.month
where
    counted.open_cases <> coalesce(cases.open_cases, 0)
    or counted.fte <> coalesce(workers.fte, 0)
