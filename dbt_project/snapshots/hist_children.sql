-- Grain: one version of one child, from when it was known until something else was (record_key, dbt_valid_from).
{% snapshot hist_children %}
{{
    config(
        unique_key='record_key',
        check_cols=[
            'birth_month',
            'sex',
            'district',
            'postal_code',
            'address_protected',
            'household_id',
        ],
    )
}}
    -- depends_on: {{ ref('stg_intake__load_files') }}
    select
        {{ record_key(['source_system', 'person_id']) }} as record_key,
        held.*
    from {{ ref('stg_cases__children') }} as held
{% endsnapshot %}
