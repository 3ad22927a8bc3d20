{#-
  An amount divided over parts by their weights, to the øre: each part gets the whole øre of its share, and
  the øre that are left go to the parts with the largest remainders (then by `part`). The shares add up to the
  amount, whatever the weights; parts without weight share alike where no part has any.

  `rows` is a relation or a subquery with one row per part; `whole` are the columns that name what is divided.
  The answer has the rows' columns and `share_number` (1, 2, …) and `share_amount`.
-#}
{% macro allocate(rows, whole, part, amount, weight) -%}
    {%- set each = whole | join(", ") -%}
    select
        {{ whole | join(",\n        ") }},
        {{ part }},
        cast(row_number() over (partition by {{ each }} order by {{ part }}) as integer) as share_number,
        cast(
            sign(amount_of_whole) * (whole_oere + case when remainder_rank <= oere_left then 1 else 0 end)
            * cast(0.01 as decimal(3, 2)) as decimal(18, 2)
        ) as share_amount
    from (
        select
            *,
            row_number() over (
                partition by {{ each }}
                order by exact_oere - whole_oere desc, {{ part }}
            ) as remainder_rank,
            oere - sum(whole_oere) over (partition by {{ each }}) as oere_left
        from (
            select
                *,
                cast(floor(exact_oere) as decimal(20, 0)) as whole_oere
            from (
                select
                    *,
                    oere * case
                        when sum(part_weight) over (partition by {{ each }}) > 0
                            then part_weight / sum(part_weight) over (partition by {{ each }})
                        else 1.0 / count(*) over (partition by {{ each }})
                    end as exact_oere
                from (
                    select
                        {{ whole | join(",\n                        ") }},
                        {{ part }},
                        {{ amount }} as amount_of_whole,
                        cast(abs({{ amount }}) * 100 as decimal(20, 0)) as oere,
                        cast(greatest(coalesce({{ weight }}, 0), 0) as double) as part_weight
                    from {{ rows }} as parts_of_whole
                ) as weighed
            ) as divided
        ) as floored
    ) as ranked
{%- endmacro %}
