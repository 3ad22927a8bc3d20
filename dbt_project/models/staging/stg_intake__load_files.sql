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
    loaded_at
from {{ source('raw', 'load_files') }}
