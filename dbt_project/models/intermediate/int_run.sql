-- Grain: one row, the run that is being built and the months it may treat as known.
with run as (
    select * from {{ ref('stg_orchestration__run') }}
),

posted as (
    select
        min(posting_month) as first_posting_month,
        max(posting_month) as last_posting_month
    from {{ ref('int_postings') }}
),

measured as (
    select min(starts_on) as first_start
    from {{ ref('stg_cases__measures') }}
),

months as (
    select
        run.*,
        posted.first_posting_month,
        posted.last_posting_month,
        {{ month_start('measured.first_start') }} as first_measure_month,
        -- The newest month whose last day is not after as_of.
        case
            when {{ month_end('run.as_of') }} = run.as_of then {{ month_start('run.as_of') }}
            else {{ add_months(month_start('run.as_of'), -1) }}
        end as last_calendar_month
    from run
    cross join posted
    cross join measured
),

known as (
    select
        *,
        coalesce(least(last_calendar_month, last_posting_month), last_calendar_month) as last_complete_month
    from months
)

select
    run_id,
    as_of,
    municipality_name,
    municipality_code,
    language,
    code_version,
    data_version,
    horizon_months,
    over_budget_min_amount,
    last_complete_month,
    coalesce(least(first_posting_month, first_measure_month), first_posting_month, first_measure_month)
        as first_month,
    cast(extract(year from as_of) as integer) as current_year,
    cast(
        case
            when extract(year from last_complete_month) = extract(year from as_of)
                then extract(month from last_complete_month)
            else 0
        end as integer
    ) as months_known
from known
