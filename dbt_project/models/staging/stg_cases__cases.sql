-- Grain: one case as it holds now (source_system, case_id).
-- Belongs here: choosing the current rows and naming; no rule of money or law.
with current_rows as (
    {{ current_rows('cases', ['case_id']) }}
)

select
    case_id,
    person_id,
    opened_on,
    {{ open_end("closed_on") }} as closed_on,
    caseworker_id,
    team,
    target_group,
    acting_municipality,
    paying_municipality,
    residence_municipality,
    _source as source_system,
    _load_id as load_id,
    _load_seq as load_seq,
    _file as file,
    _row as row_number
from current_rows
