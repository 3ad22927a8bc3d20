-- Grain: one file of a load whose rows may still hold (load_id, entity, file).
-- A snapshot sets aside the loads before it; changes and replacements all stay in force, for each may still
-- have rows that hold. A load that was stopped gave no rows and sets nothing aside.
with loads as (
    select
        *,
        max(case when delivery = 'snapshot' and state = 'loaded' then load_seq end)
            over (partition by source_system, entity) as newest_snapshot_seq,
        max(load_seq) over (partition by source_system, entity) as newest_seq
    from {{ ref('stg_intake__load_files') }}
    where state <> 'stopped'
)

select
    load_id,
    load_seq,
    source_system,
    profile,
    entity,
    file,
    delivery,
    state,
    rows_read,
    rows_loaded,
    rows_rejected,
    rows_superseded,
    rows_out_of_scope,
    rows_vanished,
    rows_returned,
    loaded_at,
    load_seq = newest_seq as is_newest
from loads
where newest_snapshot_seq is null or load_seq >= newest_snapshot_seq
