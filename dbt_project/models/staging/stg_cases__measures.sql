-- Grain: one measure as it holds now (source_system, measure_id).
-- Belongs here: choosing the current rows and naming; no rule of money or law.
with current_rows as (
    {{ current_rows('measures', ['measure_id']) }}
)

select
    measure_id,
    case_id,
    person_id,
    legal_basis,
    measure_type,
    provider_id,
    status,
    starts_on,
    {{ open_end("expected_end_on") }} as expected_end_on,
    {{ open_end("ended_on") }} as ended_on,
    end_reason,
    unit,
    unit_price,
    units,
    account,
    account_function,
    account_dranst,
    account_ownership,
    account_grouping,
    account_art,
    goal,
    consent,
    replaces_measure_id,
    alternative_to_placement,
    _source as source_system,
    _load_id as load_id,
    _load_seq as load_seq,
    _file as file,
    _row as row_number
from current_rows
