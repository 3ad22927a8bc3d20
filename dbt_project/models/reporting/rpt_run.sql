-- Grain: one row, the published run.
select
    run_id,
    as_of,
    municipality_name,
    municipality_code,
    language,
    last_complete_month,
    current_year,
    months_known,
    first_month,
    code_version,
    data_version
from {{ ref('int_run') }}
