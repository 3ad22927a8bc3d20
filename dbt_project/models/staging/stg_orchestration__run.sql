-- Grain: one row, the run that is being built.
select
    run_id,
    as_of,
    municipality_name,
    municipality_code,
    language,
    code_version,
    data_version,
    horizon_months
from {{ source('raw', 'run') }}
