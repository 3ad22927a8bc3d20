-- Grain: one follow-up as it holds now (source_system, follow_up_id).
-- Belongs here: choosing the current rows and naming; no rule of money or law.
with current_rows as (
    {{ current_rows('follow_ups', ['follow_up_id']) }}
)

select
    follow_up_id,
    case_id,
    measure_id,
    kind,
    due_on,
    held_on,
    child_heard,
    _source as source_system,
    _load_id as load_id,
    _load_seq as load_seq,
    _file as file,
    _row as row_number
from current_rows
