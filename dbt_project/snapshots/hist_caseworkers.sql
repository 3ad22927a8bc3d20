-- Grain: one version of one period of a caseworker, from when it was known until something else was (record_key, dbt_valid_from).
{% snapshot hist_caseworkers %}
{{
    config(
        unique_key='record_key',
        check_cols=[
            'team',
            'fte',
            'valid_to',
        ],
    )
}}
    -- depends_on: {{ ref('stg_intake__load_files') }}
    select
        {{ record_key(['source_system', 'caseworker_id', 'valid_from']) }} as record_key,
        held.*
    from {{ ref('stg_cases__caseworkers') }} as held
{% endsnapshot %}
