-- The open records of history are the rows that hold, each with the newest thing known of it.
{%- set entities = {
    'children': 'cases', 'cases': 'cases', 'measures': 'cases', 'plans': 'cases', 'caseworkers': 'cases',
    'providers': 'cases', 'order_plan': 'cases', 'budget': 'finance'
} %}
{%- set keys = {
    'children': ['person_id'], 'cases': ['case_id'], 'measures': ['measure_id'], 'plans': ['plan_id'],
    'caseworkers': ['caseworker_id', 'valid_from'], 'providers': ['provider_id', 'valid_from'],
    'order_plan': ['year', 'measure_type', 'sector'], 'budget': ['year', 'account', 'version', 'decided_on']
} %}
with held as (
    {%- for entity, feed in entities.items() %}
        select
            '{{ entity }}' as entity,
            {{ record_key(['source_system'] + keys[entity]) }} as record_key
        from {{ ref('stg_' ~ feed ~ '__' ~ entity) }}
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}
),

told as (
    {%- for entity in entities %}
        select
            '{{ entity }}' as entity,
            record_key
        from {{ ref('hist_' ~ entity) }}
        where dbt_valid_to is null and dbt_is_deleted = 'False'
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}
)

select
    coalesce(held.entity, told.entity) as entity,
    held.record_key as record_that_holds,
    told.record_key as record_told
from held
full outer join told on held.entity = told.entity and held.record_key = told.record_key
where held.record_key is null or told.record_key is null
