{#-
  The rows of a delivered entity that hold now. What a delivery does to those before it is in its profile
  (docs/profiles.md):
    a snapshot     sets aside all that its source delivered before, also where it has no rows itself
    changes        replace, key by key; a row that is marked as deleted closes its key
    a replacement  is the whole of each slice (a year of the ledger) that it has rows of; `slices` are those
                   that the contract allows (entities.yml)
  Keys are unique within one load. A row that lies in a replaced slice gives way by its newest version: an
  older one, from before the row moved into that slice, does not come back.

  With the variable `up_to_load` the rows are those that held after that load: history is replayed so.
-#}
{% macro current_rows(entity, key, slices=[]) -%}
    {%- set relation = source('raw', entity) -%}
    {%- set up_to_load = var('up_to_load', none) -%}
    select newest.*
    from (
        select
            raw_rows.*,
            row_number() over (
                partition by raw_rows._source, {% for column in key %}raw_rows.{{ column }}{{ ", " if not loop.last }}{% endfor %}

                order by raw_rows._load_seq desc, raw_rows._row desc
            ) as _recency
        from {{ relation }} as raw_rows
        inner join ({{ loads_in_force(entity, up_to_load) }}) as in_force
            on raw_rows._source = in_force.source_in_force and raw_rows._load_seq = in_force.seq_in_force
    ) as newest
    {% for slice in slices -%}
        {%- set name = "replaced_" ~ loop.index -%}
        left join (
            select
                _source as slice_source,
                {% for column in slice %}{{ column }} as slice_{{ column }},
                {% endfor -%}
                max(_load_seq) as slice_seq
            from {{ relation }}
            where
                _replaces = '{{ slice | join(",") }}'
                {%- if up_to_load is not none %} and _load_seq <= {{ up_to_load }}{% endif %}
            group by _source, {{ slice | join(", ") }}
        ) as {{ name }}
            on
                newest._source = {{ name }}.slice_source
                {%- for column in slice %}
                    and newest.{{ column }} is not distinct from {{ name }}.slice_{{ column }}
                {%- endfor %}
    {% endfor -%}
    where
        newest._recency = 1
        and not coalesce(newest._deleted, false)
        {%- for slice in slices %}
            and newest._load_seq >= coalesce(replaced_{{ loop.index }}.slice_seq, 0)
        {%- endfor %}
{%- endmacro %}

{#- The numbers of the loads whose rows may hold: of each source those from its newest snapshot on. -#}
{% macro loads_in_force(entity, up_to_load=none) -%}
    select distinct
        source_system as source_in_force,
        load_seq as seq_in_force
    from (
        select
            source_system,
            load_seq,
            max(case when delivery = 'snapshot' and state = 'loaded' then load_seq end)
                over (partition by source_system)
                as snapshot_seq
        from {{ ref('stg_intake__load_files') }}
        where
            entity = '{{ entity }}'
            and state <> 'stopped'
            {%- if up_to_load is not none %} and load_seq <= {{ up_to_load }}{% endif %}
    ) as loads
    where load_seq >= coalesce(snapshot_seq, 0)
{%- endmacro %}

{#-
  The same rows worked out in another way, for the checks: a fault in the rule above cannot hide there.
-#}
{% macro rows_that_hold(entity, key, slices=[]) -%}
    select *
    from (
        select
            delivered.*,
            max(delivered._load_seq) over (partition by delivered._source, {{ key | join(", ") }}) as newest_seq,
            coalesce(snapshots.snapshot_seq, 0) as snapshot_seq
            {%- for slice in slices %},
            max(case when delivered._replaces = '{{ slice | join(",") }}' then delivered._load_seq end)
                over (partition by delivered._source, {{ slice | join(", ") }})
                as replaced_{{ loop.index }}
            {%- endfor %}
        from {{ source('raw', entity) }} as delivered
        left join (
            select
                source_system,
                max(load_seq) as snapshot_seq
            from {{ ref('stg_intake__load_files') }}
            where entity = '{{ entity }}' and delivery = 'snapshot' and state = 'loaded'
            group by source_system
        ) as snapshots
            on delivered._source = snapshots.source_system
    ) as judged
    where
        _load_seq = newest_seq
        and _load_seq >= snapshot_seq
        and coalesce(_deleted, false) = false
        {%- for slice in slices %}
            and _load_seq >= coalesce(replaced_{{ loop.index }}, 0)
        {%- endfor %}
{%- endmacro %}
