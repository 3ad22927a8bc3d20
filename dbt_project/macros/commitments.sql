{#- How long a measure is committed for, and what a month of it costs: the same for what is known and what was. -#}

{#- The day a measure runs to, of columns of `measures` and a day on which it is looked at. -#}
{% macro measure_runs_to(measures, as_of) -%}
    cast(
        least(
            coalesce(
                {{ measures }}.ended_on,
                case
                    when {{ measures }}.status in ('draft', 'expected', 'ended') or {{ measures }}.starts_on > {{ as_of }}
                        then {{ measures }}.planned_end_on
                    else greatest({{ measures }}.planned_end_on, {{ as_of }})
                end
            ),
            {{ to_date(var('calendar_to')) }}
        ) as date
    )
{%- endmacro %}

{#-
  The price of so many days of a month. Per unit: a day, a week (a seventh a day), a month (its share of the
  month's days), a year (its share of the year's days), hours a week, or once, in the month the measure starts.
-#}
{% macro price_of_month(unit, unit_price, units, days, month, days_in_month, days_in_year, starts_on) -%}
    cast(
        case {{ unit }}
            when 'day' then {{ unit_price }} * {{ units }} * {{ days }}
            when 'week' then {{ unit_price }} * {{ units }} * {{ days }} / 7
            when 'month' then {{ unit_price }} * {{ units }} * {{ days }} / {{ days_in_month }}
            when 'year' then {{ unit_price }} * {{ units }} * {{ days }} / {{ days_in_year }}
            when 'hour' then {{ unit_price }} * {{ units }} * {{ days }} / 7
            when 'once'
                then case
                    when {{ month_start(starts_on) }} = {{ month }} then {{ unit_price }} * {{ units }}
                    else 0
                end
        end as decimal(18, 2)
    )
{%- endmacro %}
