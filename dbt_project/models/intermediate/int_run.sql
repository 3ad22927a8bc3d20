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
    -- A case system delivers what still ran when its history began: the first end recorded tells when that was.
    select coalesce(min(ended_on), min(starts_on)) as first_known_day
    from {{ ref('stg_cases__measures') }}
    where status <> 'draft' or status is null
),

months as (
    select
        run.*,
        posted.first_posting_month,
        posted.last_posting_month,
        {{ month_start('measured.first_known_day') }} as first_measure_month,
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
    last_complete_month,
    coalesce(first_posting_month, first_measure_month) as first_month,
    coalesce(greatest(first_posting_month, first_measure_month), first_measure_month) as first_activity_month,
    cast(extract(year from as_of) as integer) as current_year,
    cast(
        case
            when extract(year from last_complete_month) = extract(year from as_of)
                then extract(month from last_complete_month)
            else 0
        end as integer
    ) as months_known
from known
