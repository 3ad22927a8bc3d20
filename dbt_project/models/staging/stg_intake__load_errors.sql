-- Grain: one rule broken by one delivered row (no natural key: a row may break a rule in several columns).
select
    load_id,
    load_seq,
    source as source_system,
    entity,
    file,
    row_number,
    column_name,
    value,
    rule,
    severity,
    message_da,
    message_en,
    remedy_da,
    remedy_en,
    record_id,
    case_id
from {{ source('raw', 'load_errors') }}
