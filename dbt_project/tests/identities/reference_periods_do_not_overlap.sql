-- On any date a function has one name, and a function with a grouping stands for one measure type.
with periods as (
    select
        function as chart_line,
        valid_from,
        coalesce(valid_to, {{ end_of_time() }}) as valid_to
    from {{ ref('ref_functions') }}
    union all
    select
        function || '/' || grouping as chart_line,
        valid_from,
        coalesce(valid_to, {{ end_of_time() }}) as valid_to
    from {{ ref('int_account_types') }}
),

followed as (
    select
        chart_line,
        valid_from,
        valid_to,
        lead(valid_from) over (partition by chart_line order by valid_from) as next_valid_from
    from periods
)

select
    chart_line,
    valid_from,
    valid_to,
    next_valid_from
from followed
where next_valid_from <= valid_to
