-- Grain: one period of a provider as it holds now (source_system, provider_id and valid_from).
-- Belongs here: choosing the current rows and naming; no rule of money or law.
with current_rows as (
    {{ current_rows('providers', ['provider_id', 'valid_from']) }}
)

select
    provider_id,
    name,
    cvr,
    ownership,
    measure_type,
    municipality_code,
    postal_code,
    daily_rate,
    valid_from,
    {{ open_end("valid_to") }} as valid_to,
    _source as source_system,
    _load_id as load_id,
    _load_seq as load_seq,
    _file as file,
    _row as row_number
from current_rows
