{#- Dates and months, on top of dbt's cross-database macros. A month is its first day. -#}

{% macro to_date(literal) -%}
    cast('{{ literal }}' as date)
{%- endmacro %}

{#- The ends of time for periods that are open: they sort, and stay inside every database's range. -#}
{% macro beginning_of_time() -%}
    {{ to_date('1900-01-01') }}
{%- endmacro %}

{% macro end_of_time() -%}
    {{ to_date('9999-12-31') }}
{%- endmacro %}

{% macro month_start(day) -%}
    cast({{ dbt.date_trunc('month', day) }} as date)
{%- endmacro %}

{% macro month_end(day) -%}
    cast({{ dbt.last_day(day, 'month') }} as date)
{%- endmacro %}

{% macro first_of_month(year, month) -%}
    make_date(cast({{ year }} as integer), cast({{ month }} as integer), 1)
{%- endmacro %}

{% macro add_days(day, days) -%}
    cast({{ dbt.dateadd('day', days, day) }} as date)
{%- endmacro %}

{% macro add_months(day, months) -%}
    cast({{ dbt.dateadd('month', months, day) }} as date)
{%- endmacro %}

{#- Days from the first to the last, both counted; below 1 where the last lies before the first. -#}
{% macro days_inclusive(first_day, last_day) -%}
    ({{ dbt.datediff(first_day, last_day, 'day') }} + 1)
{%- endmacro %}

{% macro days_in_month(day) -%}
    {{ days_inclusive(month_start(day), month_end(day)) }}
{%- endmacro %}

{% macro days_in_year(day) -%}
    {{ days_inclusive(
        "make_date(cast(extract(year from " ~ day ~ ") as integer), 1, 1)",
        "make_date(cast(extract(year from " ~ day ~ ") as integer), 12, 31)"
    ) }}
{%- endmacro %}

{#- Case systems write "no end" as 31-12-9999 or similar: no measure is decided for this long. -#}
{% macro open_end(day) -%}
    case when {{ day }} < {{ to_date('2200-01-01') }} then {{ day }} end
{%- endmacro %}

{#- A date as the key of dim_date (yyyymmdd), −1 where there is none or it lies outside the calendar. -#}
{% macro date_key(day) -%}
    case
        when {{ day }} between {{ to_date(var('calendar_from')) }} and {{ to_date(var('calendar_to')) }}
            then cast(
                extract(year from {{ day }}) * 10000
                + extract(month from {{ day }}) * 100
                + extract(day from {{ day }}) as bigint
            )
        else cast(-1 as bigint)
    end
{%- endmacro %}
