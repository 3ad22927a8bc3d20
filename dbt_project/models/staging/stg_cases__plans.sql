-- Grain: one plan as it holds now (source_system, plan_id).
-- Belongs here: choosing the current rows and naming; no rule of money or law.
with current_rows as (
    {{ current_rows('plans', ['plan_id']) }}
)

select
    plan_id,
    case_id,
    person_id,
    measure_id,
    decided_on,
    {{ open_end("valid_to") }} as valid_to,
    goals,
    goals_met,
    _source as source_system,
    _load_id as load_id,
    _load_seq as load_seq,
    _file as file,
    _row as row_number
from current_rows
