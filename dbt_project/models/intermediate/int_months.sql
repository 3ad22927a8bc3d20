-- Grain: one month of the calendar.
with days as (
    {{ day_series(to_date(var('calendar_from')), to_date(var('calendar_to'))) }}
)

select
    date_day as month,
    {{ month_end('date_day') }} as month_end,
    cast(extract(year from date_day) as integer) as year,
    cast({{ days_in_month('date_day') }} as integer) as days_in_month,
    cast({{ days_in_year('date_day') }} as integer) as days_in_year
from days
where extract(day from date_day) = 1
