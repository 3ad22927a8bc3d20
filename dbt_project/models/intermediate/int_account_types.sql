-- Grain: one period in which a function and grouping stand for one measure type (function, grouping, valid_from).
-- The types' own groupings, those that the chart had before (ref_groupings), and a local chart's own.
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
union all
select
    function,
    grouping,
    measure_type,
    {{ beginning_of_time() }} as valid_from,
    cast(null as date) as valid_to
from {{ ref('int_local_types') }}
