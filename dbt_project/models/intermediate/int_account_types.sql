-- Grain: one period in which a function and grouping stand for one measure type (function, grouping, valid_from).
-- The types' own groupings, and those that the chart had before (ref_groupings).
select
    function,
    grouping,
    measure_type,
    valid_from,
    valid_to
from {{ ref('ref_measure_types') }}
where function is not null and grouping is not null
union all
select
    function,
    grouping,
    measure_type,
    valid_from,
    valid_to
from {{ ref('ref_groupings') }}
