-- Grain: one year, measure type and sector (year, measure_type, sector); sector `total` is all of them.
with run as (
    select * from {{ ref('int_run') }}
),

touched as (
    select
        cast(extract(year from months.month) as integer) as year,
        months.measure_type,
        months.sector,
        months.child_key
    from {{ ref('fct_measure_month') }} as months
    cross join run
    where months.active_days > 0 and months.month <= run.last_complete_month
    union distinct
    select
        costs.year,
        costs.measure_type,
        costs.sector,
        costs.child_key
    from {{ ref('fct_cost') }} as costs
    cross join run
    where costs.posting_month <= run.last_complete_month and costs.posting_date <= run.as_of
),

children as (
    select
        year,
        measure_type,
        sector,
        count(distinct child_key) as children
    from touched
    where child_key <> -1
    group by year, measure_type, sector
    union all
    select
        year,
        measure_type,
        'total' as sector,
        count(distinct child_key) as children
    from touched
    where child_key <> -1
    group by year, measure_type
),

variances as (
    select
        year,
        measure_type,
        sector,
        is_complete_year,
        planned_full_year_persons,
        -- Eight decimals times two leave a product of 18 digits with room for 100 million DKK only.
        case
            when basis = 'order_plan'
                then cast(planned_full_year_persons as decimal(28, 8)) * planned_unit_price
        end as planned_amount,
        full_year_persons,
        budget_amount,
        actual_amount,
        deviation,
        volume_effect,
        price_effect,
        mix_effect
    from {{ ref('fct_variance') }}
),

rows_of_report as (
    select * from variances
    union all
    select
        year,
        measure_type,
        'total' as sector,
        is_complete_year,
        sum(planned_full_year_persons) as planned_full_year_persons,
        sum(planned_amount) as planned_amount,
        sum(full_year_persons) as full_year_persons,
        sum(budget_amount) as budget_amount,
        sum(actual_amount) as actual_amount,
        sum(deviation) as deviation,
        sum(volume_effect) as volume_effect,
        sum(price_effect) as price_effect,
        sum(mix_effect) as mix_effect
    from variances
    group by year, measure_type, is_complete_year
)

select
    rows_of_report.year,
    rows_of_report.measure_type,
    types.label_da,
    types.label_en,
    types.category,
    types.function as parent_function,
    rows_of_report.sector,
    cast(rows_of_report.planned_full_year_persons as decimal(18, 4)) as planned_full_year_persons,
    cast(
        rows_of_report.planned_amount / nullif(rows_of_report.planned_full_year_persons, 0) as decimal(18, 2)
    ) as planned_unit_price,
    cast(rows_of_report.full_year_persons as decimal(18, 4)) as full_year_persons,
    cast(
        rows_of_report.actual_amount / nullif(rows_of_report.full_year_persons, 0) as decimal(18, 2)
    ) as unit_price,
    cast(rows_of_report.budget_amount as decimal(18, 2)) as budget_amount,
    cast(rows_of_report.actual_amount as decimal(18, 2)) as actual_amount,
    cast(rows_of_report.deviation as decimal(18, 2)) as deviation,
    cast(rows_of_report.volume_effect as decimal(18, 2)) as volume_effect,
    cast(rows_of_report.price_effect as decimal(18, 2)) as price_effect,
    cast(rows_of_report.mix_effect as decimal(18, 2)) as mix_effect,
    cast(coalesce(children.children, 0) as integer) as children,
    rows_of_report.is_complete_year as is_complete,
    false as suppressed
from rows_of_report
inner join {{ ref('dim_measure_type') }} as types on rows_of_report.measure_type = types.measure_type
left join children
    on
        rows_of_report.year = children.year
        and rows_of_report.measure_type = children.measure_type
        and rows_of_report.sector = children.sector
