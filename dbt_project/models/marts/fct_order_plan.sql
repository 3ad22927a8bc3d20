-- Grain: one year, measure type and sector (year, measure_type, sector): what was planned and what came.
-- Years without a plan are not in it. The running year's actual is to the last complete month, and annualised by days.
with run as (
    select
        *,
        {{ month_end('last_complete_month') }} as last_complete_day
    from {{ ref('int_run') }}
),

planned as (
    select * from {{ ref('int_order_plan') }}
),

actual as (
    select
        cast(extract(year from months.month) as integer) as year,
        months.measure_type,
        months.sector,
        sum(months.active_days) as active_days,
        max(months.days_in_year) as days_in_year,
        sum(months.committed_amount) as amount
    from {{ ref('int_measure_months') }} as months
    cross join run
    where months.month <= run.last_complete_month
    group by extract(year from months.month), months.measure_type, months.sector
    having sum(months.active_days) > 0
),

keys as (
    select
        year,
        measure_type,
        sector
    from planned
    union distinct
    select
        year,
        measure_type,
        sector
    from actual
    where year in (select years.year from planned as years)
),

joined as (
    select
        keys.*,
        planned.planned_full_year_persons,
        planned.planned_amount,
        planned.planned_unit_price,
        actual.active_days,
        actual.days_in_year,
        actual.amount,
        case
            when keys.year < extract(year from run.last_complete_day) then actual.days_in_year
            else {{ days_inclusive('make_date(keys.year, 1, 1)', 'run.last_complete_day') }}
        end as days_elapsed
    from keys
    cross join run
    left join planned
        on
            keys.year = planned.year
            and keys.measure_type = planned.measure_type
            and keys.sector = planned.sector
    left join actual
        on
            keys.year = actual.year
            and keys.measure_type = actual.measure_type
            and keys.sector = actual.sector
)

select
    {{ surrogate_key(['joined.year', 'joined.measure_type', 'joined.sector']) }} as order_plan_key,
    joined.year,
    coalesce(types.measure_type_key, -1) as measure_type_key,
    joined.measure_type,
    joined.sector,
    cast(joined.planned_full_year_persons as decimal(18, 4)) as planned_full_year_persons,
    joined.planned_unit_price,
    cast(joined.planned_amount as decimal(18, 2)) as planned_amount,
    cast(coalesce(joined.active_days / joined.days_in_year, 0) as decimal(18, 4))
        as full_year_persons_to_date,
    cast(
        case when joined.days_elapsed > 0 then coalesce(joined.active_days, 0) / joined.days_elapsed end
        as decimal(18, 4)
    ) as actual_full_year_persons,
    cast(coalesce(joined.amount, 0) as decimal(18, 2)) as committed_amount_to_date,
    cast(
        case when joined.active_days > 0 then joined.amount * joined.days_in_year / joined.active_days end
        as decimal(18, 2)
    ) as actual_unit_price,
    deviations.persons_deviate_from,
    deviations.price_deviates_from
from joined
left join {{ ref('int_order_plan_deviations') }} as deviations
    on
        joined.year = deviations.year
        and joined.measure_type = deviations.measure_type
        and joined.sector = deviations.sector
left join {{ ref('dim_measure_type') }} as types on joined.measure_type = types.measure_type
