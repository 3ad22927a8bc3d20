-- Grain: one month of one series on any level (measure, series_id, month): what came, in complete months.
-- Names and levels are those of the forecast. Each series runs from its first month to the last complete one.
with values_of_levels as (
    select
        'net_expenditure' as measure,
        'function_measure_type' as level,
        'function=' || function || '|measure_type=' || measure_type as series_id,
        measure_type,
        month,
        net_expenditure as amount
    from {{ ref('int_forecast_series') }}
    union all
    select
        'net_expenditure' as measure,
        'function' as level,
        'function=' || function as series_id,
        cast(null as {{ dbt.type_string() }}) as measure_type,
        month,
        net_expenditure as amount
    from {{ ref('int_forecast_series') }}
    union all
    select
        'net_expenditure' as measure,
        'measure_type' as level,
        'measure_type=' || measure_type as series_id,
        measure_type,
        month,
        net_expenditure as amount
    from {{ ref('int_forecast_series') }}
    union all
    select
        'net_expenditure' as measure,
        'total' as level,
        'total' as series_id,
        cast(null as {{ dbt.type_string() }}) as measure_type,
        month,
        net_expenditure as amount
    from {{ ref('int_forecast_series') }}
    union all
    select
        'full_year_persons' as measure,
        'measure_type' as level,
        'measure_type=' || measure_type as series_id,
        measure_type,
        month,
        full_year_persons as amount
    from {{ ref('int_activity_series') }}
    union all
    select
        'full_year_persons' as measure,
        'category' as level,
        'category=' || category as series_id,
        cast(null as {{ dbt.type_string() }}) as measure_type,
        month,
        full_year_persons as amount
    from {{ ref('int_activity_series') }}
)

select
    measure,
    level,
    series_id,
    measure_type,
    month,
    cast(sum(amount) as decimal(18, 4)) as actual
from values_of_levels
group by measure, level, series_id, measure_type, month
