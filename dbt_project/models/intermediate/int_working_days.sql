-- Grain: one day of the calendar: whether it is a working day, and its number among them.
-- Working days are the weekdays of ref_weekdays that are no day off in ref_holidays.
with days as (
    {{ day_series(to_date(var('calendar_from')), to_date(var('calendar_to'))) }}
),

judged as (
    select
        days.date_day,
        holidays.name_da as holiday_name_da,
        holidays.name_en as holiday_name_en,
        coalesce(holidays.is_public_holiday, false) as is_public_holiday,
        weekdays.is_working_day and coalesce(holidays.is_working_day, true) as is_working_day
    from days
    inner join {{ ref('ref_weekdays') }} as weekdays
        on {{ iso_weekday('days.date_day') }} = weekdays.iso_weekday
    left join {{ ref('ref_holidays') }} as holidays on days.date_day = holidays.holiday
),

numbered as (
    select
        *,
        sum(case when is_working_day then 1 else 0 end)
            over (order by date_day rows between unbounded preceding and current row)
            as working_days_until
    from judged
)

select
    date_day,
    holiday_name_da,
    holiday_name_en,
    is_public_holiday,
    is_working_day,
    cast(working_days_until as bigint) as working_days_until,
    cast(case when is_working_day then working_days_until end as bigint) as working_day_number
from numbered
