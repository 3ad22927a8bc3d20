{#-
  Postings that take back an earlier one with the same key, and the one they take back: (cost_key,
  corrects_cost_key). Of several that it could take back, a posting takes the newest that is not taken back yet:
  in the order of booking each +1 opens a level and each −1 closes the newest open one, so the two are neighbours
  on their level. A key column must be written on both; the other `columns` may be missing, but not differ.

  `rows` has cost_key, posting_id, posting_date, amount, size (the amount without its sign) and the columns.
-#}
{% macro reversals(rows, key, columns, months) -%}
    {%- set part = (key + ['size']) | join(', ') -%}
    select
        cost_key,
        cost_key_before as corrects_cost_key
    from (
        select
            *,
            {% for column in ['cost_key', 'step', 'posting_date'] + columns -%}
                lag({{ column }}) over (
                    partition by {{ part }}, depth
                    order by posting_date asc, step desc, posting_id asc
                ) as {{ column }}_before{{ "," if not loop.last }}
            {% endfor %}
        from (
            select
                *,
                sum(step) over (
                    partition by {{ part }}
                    order by posting_date asc, step desc, posting_id asc
                    rows between unbounded preceding and current row
                ) + case when step = 1 then 0 else 1 end as depth
            from (
                select
                    *,
                    cast(
                        sign(amount) * first_value(sign(amount)) over (
                            partition by {{ part }}
                            order by posting_date asc, amount desc, posting_id asc
                        ) as integer
                    ) as step
                from {{ rows }}
                where {% for column in key %}{{ column }} is not null{{ " and " if not loop.last }}{% endfor %}
            ) as signed
        ) as levelled
    ) as neighbours
    where
        step = -1
        and step_before = 1
        and posting_date <= {{ add_months('posting_date_before', months) }}
        {% for column in columns -%}
            and coalesce({{ column }} = {{ column }}_before, true)
        {% endfor %}
{%- endmacro %}
