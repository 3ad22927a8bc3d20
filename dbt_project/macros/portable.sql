{#-
  What differs between databases, in one place. Each macro dispatches; `default__` is the Spark
  form, `duckdb__` and `postgres__` stand beside it where those differ. Models use these and dbt's own
  cross-database macros, never a database's own function.
-#}

{#- A BIGINT key from the natural key: the first 60 bits of an MD5, so never negative and the same everywhere. -#}
{% macro surrogate_key(columns) -%}
    {%- set parts = [] -%}
    {%- for column in columns -%}
        {%- do parts.append("coalesce(cast(" ~ column ~ " as " ~ dbt.type_string() ~ "), '~')") -%}
    {%- endfor -%}
    {{ adapter.dispatch('hex_to_bigint', 'raaderum')("substring(md5(" ~ parts | join(" || '|' || ") ~ "), 1, 15)") }}
{%- endmacro %}

{% macro default__hex_to_bigint(hex) -%}
    cast(conv({{ hex }}, 16, 10) as bigint)
{%- endmacro %}

{% macro duckdb__hex_to_bigint(hex) -%}
    cast('0x' || {{ hex }} as bigint)
{%- endmacro %}

{% macro postgres__hex_to_bigint(hex) -%}
    cast(cast('x' || lpad({{ hex }}, 16, '0') as bit(64)) as bigint)
{%- endmacro %}

{#- First group of a regular expression, or null where it does not match. -#}
{% macro regex_group(expression, pattern) -%}
    {{ adapter.dispatch('regex_group', 'raaderum')(expression, pattern) }}
{%- endmacro %}

{% macro default__regex_group(expression, pattern) -%}
    nullif(regexp_extract({{ expression }}, '{{ pattern | replace("\\", "\\\\") }}', 1), '')
{%- endmacro %}

{% macro duckdb__regex_group(expression, pattern) -%}
    nullif(regexp_extract({{ expression }}, '{{ pattern }}', 1), '')
{%- endmacro %}

{% macro postgres__regex_group(expression, pattern) -%}
    nullif((regexp_match({{ expression }}, '{{ pattern }}'))[1], '')
{%- endmacro %}

{#- A table of consecutive days, one column `date_day`, both ends included. -#}
{% macro day_series(first_day, last_day) -%}
    {{ adapter.dispatch('day_series', 'raaderum')(first_day, last_day) }}
{%- endmacro %}

{% macro default__day_series(first_day, last_day) -%}
    select explode(sequence({{ first_day }}, {{ last_day }}, interval 1 day)) as date_day
{%- endmacro %}

{% macro duckdb__day_series(first_day, last_day) -%}
    select cast(unnest(generate_series({{ first_day }}, {{ last_day }}, interval 1 day)) as date) as date_day
{%- endmacro %}

{% macro postgres__day_series(first_day, last_day) -%}
    select cast(generate_series({{ first_day }}, {{ last_day }}, interval '1 day') as date) as date_day
{%- endmacro %}

{#- Weekday, Monday = 1. -#}
{% macro iso_weekday(day) -%}
    {{ adapter.dispatch('iso_weekday', 'raaderum')(day) }}
{%- endmacro %}

{% macro default__iso_weekday(day) -%}
    (weekday({{ day }}) + 1)
{%- endmacro %}

{% macro duckdb__iso_weekday(day) -%}
    cast(extract(isodow from {{ day }}) as integer)
{%- endmacro %}

{% macro postgres__iso_weekday(day) -%}
    {{ raaderum.duckdb__iso_weekday(day) }}
{%- endmacro %}

{#- The values of a group as one text, in their own order (dbt's listagg has none on Spark). -#}
{% macro sorted_list(expression, delimiter) -%}
    {{ adapter.dispatch('sorted_list', 'raaderum')(expression, delimiter) }}
{%- endmacro %}

{% macro default__sorted_list(expression, delimiter) -%}
    array_join(array_sort(collect_list({{ expression }})), '{{ delimiter }}')
{%- endmacro %}

{% macro duckdb__sorted_list(expression, delimiter) -%}
    string_agg({{ expression }}, '{{ delimiter }}' order by {{ expression }})
{%- endmacro %}

{% macro postgres__sorted_list(expression, delimiter) -%}
    {{ raaderum.duckdb__sorted_list(expression, delimiter) }}
{%- endmacro %}

{#- A function that is not written as the authorised chart writes it (5.28.20): a system's own. -#}
{% macro is_local_function(column) -%}
    {{ regex_group(column, '^(\d\.\d{2}\.\d{2})$') }} is null
{%- endmacro %}

{#- The value that so great a share (0–1) of the values does not exceed, between two of them by proportion. -#}
{% macro percentile(expression, share) -%}
    {{ adapter.dispatch('percentile', 'raaderum')(expression, share) }}
{%- endmacro %}

{% macro default__percentile(expression, share) -%}
    percentile({{ expression }}, {{ share }})
{%- endmacro %}

{% macro duckdb__percentile(expression, share) -%}
    quantile_cont({{ expression }}, {{ share }})
{%- endmacro %}

{% macro postgres__percentile(expression, share) -%}
    percentile_cont({{ share }}) within group (order by {{ expression }})
{%- endmacro %}
