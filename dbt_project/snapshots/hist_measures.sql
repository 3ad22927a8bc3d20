-- Grain: one version of one measure, from when it was known until something else was (record_key, dbt_valid_from).
{% snapshot hist_measures %}
{{
    config(
        unique_key='record_key',
        check_cols=[
            'case_id',
            'person_id',
            'legal_basis',
            'measure_type',
            'provider_id',
            'status',
            'starts_on',
            'expected_end_on',
            'ended_on',
            'end_reason',
            'unit',
            'unit_price',
            'units',
            'account',
            'account_function',
            'account_dranst',
            'account_ownership',
            'account_grouping',
            'account_art',
            'goal',
            'consent',
            'replaces_measure_id',
            'alternative_to_placement',
        ],
    )
}}
    -- depends_on: {{ ref('stg_intake__load_files') }}
    select
        {{ record_key(['source_system', 'measure_id']) }} as record_key,
        held.*
    from {{ ref('stg_cases__measures') }} as held
{% endsnapshot %}
