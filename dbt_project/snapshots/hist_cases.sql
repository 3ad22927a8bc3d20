-- Grain: one version of one case, from when it was known until something else was (record_key, dbt_valid_from).
{% snapshot hist_cases %}
{{
    config(
        unique_key='record_key',
        check_cols=[
            'person_id',
            'opened_on',
            'closed_on',
            'caseworker_id',
            'team',
            'target_group',
            'acting_municipality',
            'paying_municipality',
            'residence_municipality',
        ],
    )
}}
    -- depends_on: {{ ref('stg_intake__load_files') }}
    select
        {{ record_key(['source_system', 'case_id']) }} as record_key,
        held.*
    from {{ ref('stg_cases__cases') }} as held
{% endsnapshot %}
