-- Grain: one file of the newest load of a source's entity (source, entity, file).
select
    source_system as source,
    entity,
    file,
    load_id,
    loaded_at,
    state,
    rows_read,
    rows_loaded,
    rows_rejected,
    rows_superseded,
    rows_out_of_scope,
    rows_vanished,
    rows_returned
from {{ ref('int_loads_in_force') }}
where is_newest
