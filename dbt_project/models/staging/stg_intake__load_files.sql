-- Grain: one delivered file (load_id, entity, file).
select
    load_id,
    load_seq,
    source as source_system,
    profile,
    entity,
    file,
    sha256,
    bytes,
    delivery,
    state,
    rows_read,
    rows_loaded,
    rows_rejected,
    rows_superseded,
    rows_out_of_scope,
    coalesce(rows_vanished, 0) as rows_vanished,
    coalesce(rows_returned, 0) as rows_returned,
    loaded_at
from {{ source('raw', 'load_files') }}
