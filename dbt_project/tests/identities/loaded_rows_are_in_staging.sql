-- What the newest load of an entity counts as loaded is in staging, row for row. Changes are left out: some of
-- their rows only say what is deleted.
{%- set entities = {
    'children': 'cases', 'cases': 'cases', 'measures': 'cases', 'notifications': 'cases',
    'assessments': 'cases', 'plans': 'cases', 'follow_ups': 'cases', 'caseworkers': 'cases',
    'providers': 'cases', 'order_plan': 'cases', 'postings': 'finance', 'budget': 'finance'
} %}
with in_staging as (
    {%- for entity, feed in entities.items() %}
        select
            '{{ entity }}' as entity,
            load_id,
            source_system,
            count(*) as staged_rows
        from {{ ref('stg_' ~ feed ~ '__' ~ entity) }}
        group by load_id, source_system
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}
),

loaded as (
    select
        entity,
        load_id,
        source_system,
        sum(rows_loaded) as rows_loaded
    from {{ ref('int_loads_in_force') }}
    where is_newest and state = 'loaded' and delivery in ('snapshot', 'replacement')
    group by entity, load_id, source_system
)

select
    loaded.entity,
    loaded.load_id,
    loaded.source_system,
    loaded.rows_loaded,
    in_staging.staged_rows
from loaded
left join in_staging
    on
        loaded.entity = in_staging.entity
        and loaded.load_id = in_staging.load_id
        and loaded.source_system = in_staging.source_system
where loaded.rows_loaded <> coalesce(in_staging.staged_rows, 0)
