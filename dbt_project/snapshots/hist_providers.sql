-- Grain: one version of one period of a provider, from when it was known until something else was (record_key, dbt_valid_from).
{% snapshot hist_providers %}
{{
    config(
        unique_key='record_key',
        check_cols=[
            'name',
            'cvr',
            'ownership',
            'measure_type',
            'municipality_code',
            'postal_code',
            'daily_rate',
            'valid_to',
        ],
    )
}}
    -- depends_on: {{ ref('stg_intake__load_files') }}
    select
        {{ record_key(['source_system', 'provider_id', 'valid_from']) }} as record_key,
        held.*
    from {{ ref('stg_cases__providers') }} as held
{% endsnapshot %}
