-- Grain: one day of the calendar, and −1 for no date.
with days as (
    {{ day_series(to_date(var('calendar_from')), to_date(var('calendar_to'))) }}
)

select
    {{ date_key('days.date_day') }} as date_key,
    days.date_day,
    cast(extract(year from days.date_day) as integer) as year,
    cast(extract(quarter from days.date_day) as integer) as quarter,
    {{ month_start('days.date_day') }} as month,
    cast(extract(month from days.date_day) as integer) as month_number,
    names.name_da as month_name_da,
    names.name_en as month_name_en,
    {{ iso_weekday('days.date_day') }} as iso_weekday,
    {{ iso_weekday('days.date_day') }} >= 6 as is_weekend,
    {{ month_end('days.date_day') }} = days.date_day as is_month_end,
    cast({{ days_in_month('days.date_day') }} as integer) as days_in_month,
    cast({{ days_in_year('days.date_day') }} as integer) as days_in_year,
    working_days.holiday_name_da,
    working_days.holiday_name_en,
    working_days.is_public_holiday,
    working_days.is_working_day
from days
inner join {{ ref('int_working_days') }} as working_days on days.date_day = working_days.date_day
inner join {{ ref('ref_month_names') }} as names on extract(month from days.date_day) = names.month_number
union all
select
    cast(-1 as bigint) as date_key,
    cast(null as date) as date_day,
    cast(null as integer) as year,
    cast(null as integer) as quarter,
    cast(null as date) as month,
    cast(null as integer) as month_number,
    label_da as month_name_da,
    label_en as month_name_en,
    cast(null as integer) as iso_weekday,
    cast(null as boolean) as is_weekend,
    cast(null as boolean) as is_month_end,
    cast(null as integer) as days_in_month,
    cast(null as integer) as days_in_year,
    cast(null as {{ dbt.type_string() }}) as holiday_name_da,
    cast(null as {{ dbt.type_string() }}) as holiday_name_en,
    cast(null as boolean) as is_public_holiday,
    cast(null as boolean) as is_working_day
from {{ ref('ref_labels') }}
where scope = 'member' and key = 'unknown'
