{#-
  The working day that comes so many working days after a day, as two joins on `int_working_days`: the number of
  working days until the day, and the working day with the number that is looked for. The day itself does not
  count. The answer is `<result>.date_day`, null outside the calendar.
-#}
{% macro add_working_days(day, number, result) -%}
    left join {{ ref('int_working_days') }} as {{ result }}_from on {{ day }} = {{ result }}_from.date_day
    left join {{ ref('int_working_days') }} as {{ result }}
        on
            {{ result }}_from.working_days_until + {{ number }} = {{ result }}.working_day_number
{%- endmacro %}
