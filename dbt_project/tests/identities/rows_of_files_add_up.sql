-- Every row of a file was loaded, rejected, superseded or out of scope.
select
    load_id,
    entity,
    file,
    rows_read,
    rows_loaded,
    rows_rejected,
    rows_superseded,
    rows_out_of_scope
from {{ ref('stg_intake__load_files') }}
where
    state = 'loaded'
    and rows_read <> rows_loaded + rows_rejected + rows_superseded + rows_out_of_scope
