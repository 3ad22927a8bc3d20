{#-
  The rows of a delivered entity that hold now.
  A full snapshot says everything there is: it sets aside what its source delivered before it.
  Changes replace, key by key, what was delivered before them. Keys are unique within one load.
-#}
{% macro current_rows(relation, key) -%}
    select delivered.*
    from (
        select
            raw_rows.*,
            row_number() over (
                partition by raw_rows._source, {% for column in key %}raw_rows.{{ column }}{{ ", " if not loop.last }}{% endfor %}

                order by raw_rows._load_seq desc, raw_rows._row desc
            ) as _recency
        from {{ relation }} as raw_rows
        left join (
            select
                _source as snapshot_source,
                max(_load_seq) as snapshot_seq
            from {{ relation }}
            where _delivery = 'snapshot'
            group by _source
        ) as newest_snapshot
            on raw_rows._source = newest_snapshot.snapshot_source
        where newest_snapshot.snapshot_seq is null or raw_rows._load_seq >= newest_snapshot.snapshot_seq
    ) as delivered
    where delivered._recency = 1
{%- endmacro %}
