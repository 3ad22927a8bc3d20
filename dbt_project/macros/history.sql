{#-
  History: which version of a row was known when. dbt's snapshots keep it in the schema `history`, one record per
  version; a row that vanishes gets a record of its own (`dbt_is_deleted` = 'True'), and another if it returns.

  Time is the register's, not the clock's: a record begins at the moment of the load that told it. So the same
  loads give the same history, and what was lost with the warehouse file is told again from the raw layer
  (orchestration/steps/history.py).
-#}

{#- dbt asks for the time of a snapshot: that of the newest load of its entity. -#}
{% macro default__snapshot_get_time() -%}
    (
        select max(loaded_at)
        from {{ ref('stg_intake__load_files') }}
        where {{ of_snapshot(model) }}
    )
{%- endmacro %}

{#- The loads of a snapshot's entity that may have told something, up to the one that is replayed. -#}
{% macro of_snapshot(node) -%}
    {%- set up_to_load = var('up_to_load', none) -%}
    entity = '{{ node.name | replace("hist_", "", 1) }}'
    and state <> 'stopped'
    {%- if up_to_load is not none %} and load_seq <= {{ up_to_load }}{% endif %}
{%- endmacro %}

{#- A row's key in one text: dbt compares keys with `=`, and a part of ours may be null. -#}
{% macro record_key(columns) -%}
    {%- for column in columns -%}
        coalesce(cast({{ column }} as {{ dbt.type_string() }}), '~'){{ " || '|' || " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- Before anything: the table of which load each entity's history tells up to. -#}
{% macro make_loads_told() -%}
    create schema if not exists history;
    create table if not exists history.loads_told (entity {{ dbt.type_string() }}, load_seq {{ dbt.type_bigint() }})
{%- endmacro %}

{#- After a snapshot, in its transaction: note the load. -#}
{% macro note_load_told() -%}
    insert into history.loads_told
    select
        entity,
        max(load_seq) as load_seq
    from {{ ref('stg_intake__load_files') }}
    where {{ of_snapshot(model) }}
    group by entity
    having max(load_seq) > coalesce((
        select max(told.load_seq)
        from history.loads_told as told
        where told.entity = '{{ model.name | replace("hist_", "", 1) }}'
    ), 0)
{%- endmacro %}

{#-
  A query: the rows of an entity as they were known at the end of a day (an SQL date expression; days are UTC's).
-#}
{% macro known_on(entity, day) -%}
    select *
    from {{ ref('hist_' ~ entity) }}
    where
        dbt_is_deleted = 'False'
        and cast(dbt_valid_from as date) <= {{ day }}
        and (dbt_valid_to is null or cast(dbt_valid_to as date) > {{ day }})
{%- endmacro %}

{#-
  The key of a version in `history`: its record and the how manieth it is, not when it was told, which is the clock's.
-#}
{% macro version_key() -%}
    {{ surrogate_key([
        'history.record_key',
        'row_number() over (partition by history.record_key order by history.dbt_valid_from)'
    ]) }}
{%- endmacro %}
