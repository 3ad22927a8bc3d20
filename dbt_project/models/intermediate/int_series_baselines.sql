-- Grain: one month of one series that a forecast could start after (measure, series_id, origin_month), from the
-- twelfth on: what the rules of thumb are reckoned from. The same rules as forecasting/baselines.py.
with counted as (
    select
        measure,
        series_id,
        month,
        cast(extract(month from month) as integer) as months_of_year,
        actual,
        row_number() over (partition by measure, series_id order by month) as months_of_series,
        sum(actual) over (
            partition by measure, series_id, extract(year from month)
            order by month
            rows between unbounded preceding and current row
        ) as year_to_date,
        avg(actual) over (
            partition by measure, series_id order by month rows between 11 preceding and current row
        ) as twelve_months,
        abs(actual - lag(actual, 12) over (partition by measure, series_id order by month)) as yearly_change
    from {{ ref('int_series_months') }}
),

compared as (
    select
        *,
        lag(year_to_date, 12) over (partition by measure, series_id order by month) as last_year_to_date,
        avg(yearly_change) over (
            partition by measure, series_id order by month rows between unbounded preceding and current row
        ) as scale
    from counted
)

select
    compared.measure,
    compared.series_id,
    compared.month as origin_month,
    compared.months_of_year,
    cast(compared.year_to_date as decimal(18, 4)) as year_to_date,
    -- A twelfth of the last whole year; of the last twelve months where the series knows no whole year.
    cast(
        case
            when compared.months_of_year < 12 and compared.months_of_series >= compared.months_of_year + 12
                then decembers.twelve_months
            else compared.twelve_months
        end as decimal(18, 4)
    ) as last_year,
    cast(compared.year_to_date / compared.months_of_year as decimal(18, 4)) as run_rate,
    -- How this year's months so far compare with last year's; 1 where they cannot be compared.
    case
        when
            compared.months_of_year < 12
            and compared.months_of_series >= compared.months_of_year + 12
            and compared.year_to_date * compared.last_year_to_date > 0
            then cast(compared.year_to_date as double) / cast(compared.last_year_to_date as double)
        else 1.0
    end as year_on_year,
    cast(compared.scale as decimal(18, 4)) as scale
from compared
left join counted as decembers
    on
        compared.measure = decembers.measure
        and compared.series_id = decembers.series_id
        and decembers.month = {{ first_of_month('extract(year from compared.month) - 1', '12') }}
where compared.months_of_series >= 12
