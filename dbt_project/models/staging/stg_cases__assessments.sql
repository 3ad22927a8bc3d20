-- Grain: one assessment as it holds now (source_system, assessment_id).
-- Belongs here: choosing the current rows and naming; no rule of money or law.
with current_rows as (
    {{ current_rows('assessments', ['assessment_id']) }}
)

select
    assessment_id,
    case_id,
    person_id,
    opened_on,
    completed_on,
    _source as source_system,
    _load_id as load_id,
    _load_seq as load_seq,
    _file as file,
    _row as row_number
from current_rows
