-- Grain: one version of one budget line, from when it was known until something else was (record_key, dbt_valid_from).
{% snapshot hist_budget %}
{{
    config(
        unique_key='record_key',
        check_cols=[
            'account_function',
            'account_dranst',
            'account_ownership',
            'account_grouping',
            'account_art',
            'amount',
        ],
    )
}}
    -- depends_on: {{ ref('stg_intake__load_files') }}
    select
        {{ record_key(['source_system', 'year', 'account', 'version', 'decided_on']) }} as record_key,
        held.*
    from {{ ref('stg_finance__budget') }} as held
{% endsnapshot %}
