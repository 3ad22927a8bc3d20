-- Grain: one notification as it holds now (source_system, notification_id).
-- Belongs here: choosing the current rows and naming; no rule of money or law.
with current_rows as (
    {{ current_rows('notifications', ['notification_id']) }}
)

select
    notification_id,
    person_id,
    received_at,
    reporter,
    acknowledged_on,
    assessed_at,
    outcome,
    _source as source_system,
    _load_id as load_id,
    _load_seq as load_seq,
    _file as file,
    _row as row_number
from current_rows
