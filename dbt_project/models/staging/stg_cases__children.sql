-- Grain: one child as it holds now (source_system, person_id).
-- Belongs here: choosing the current rows and naming; no rule of money or law.
with current_rows as (
    {{ current_rows('children', ['person_id']) }}
)

select
    person_id,
    birth_month,
    sex,
    district,
    postal_code,
    address_protected,
    household_id,
    _source as source_system,
    _load_id as load_id,
    _load_seq as load_seq,
    _file as file,
    _row as row_number
from current_rows
