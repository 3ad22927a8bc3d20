-- Grain: one complete month of one bottom series in one run (run_id, function, measure_type, month), of which something
-- was expected still to be booked.
select
    run_id,
    function,
    measure_type,
    month,
    to_come
from {{ source('raw', 'open_months') }}
