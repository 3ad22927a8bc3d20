-- Grain: one run that built this warehouse (run_id), and the newest load that it knew. Earlier runs stay.
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='run_id',
    on_schema_change='append_new_columns',
    full_refresh=false
) }}

select
    run.run_id,
    run.as_of,
    max(loads.loaded_at) as known_until
from {{ ref('int_run') }} as run
left join {{ ref('stg_intake__load_files') }} as loads on loads.state <> 'stopped'
group by run.run_id, run.as_of
