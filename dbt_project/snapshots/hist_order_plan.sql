-- Grain: one version of one line of the order plan, from when it was known until something else was (record_key, dbt_valid_from).
{% snapshot hist_order_plan %}
{{
    config(
        unique_key='record_key',
        check_cols=[
            'full_year_persons',
            'unit_price',
        ],
    )
}}
    -- depends_on: {{ ref('stg_intake__load_files') }}
    select
        {{ record_key(['source_system', 'year', 'measure_type', 'sector']) }} as record_key,
        held.*
    from {{ ref('stg_cases__order_plan') }} as held
{% endsnapshot %}
