-- Grain: one version of one plan, from when it was known until something else was (record_key, dbt_valid_from).
{% snapshot hist_plans %}
{{
    config(
        unique_key='record_key',
        check_cols=[
            'case_id',
            'person_id',
            'measure_id',
            'decided_on',
            'valid_to',
            'goals',
            'goals_met',
        ],
    )
}}
    -- depends_on: {{ ref('stg_intake__load_files') }}
    select
        {{ record_key(['source_system', 'plan_id']) }} as record_key,
        held.*
    from {{ ref('stg_cases__plans') }} as held
{% endsnapshot %}
