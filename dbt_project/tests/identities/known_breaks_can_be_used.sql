-- A known break begins on the first day of a month. A level shift is open, and no more than everything is lost by it;
-- a one-off has no size, for its months are replaced.
select
    kind,
    measure,
    function,
    measure_type,
    relative_change,
    valid_from,
    valid_to
from {{ ref('ref_known_breaks') }}
where
    extract(day from valid_from) <> 1
    or (kind = 'level_shift' and valid_to is not null)
    or (kind = 'one_off' and relative_change is not null)
    or relative_change < -1
    or (measure = 'full_year_persons' and function is not null)
