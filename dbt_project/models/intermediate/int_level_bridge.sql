-- Grain: one bottom series on one level (function, measure_type, level): which key it adds to there.
with bottoms as (
    select
        function,
        measure_type
    from {{ ref('int_costs') }}
    union distinct
    select
        function,
        measure_type
    from {{ ref('int_budget_lines') }}
    union distinct
    select
        function,
        measure_type
    from {{ ref('int_measure_months') }}
)

select
    function,
    measure_type,
    'total' as level,
    'total' as key
from bottoms
union all
select
    function,
    measure_type,
    'function' as level,
    function as key
from bottoms
union all
select
    function,
    measure_type,
    'measure_type' as level,
    measure_type as key
from bottoms
