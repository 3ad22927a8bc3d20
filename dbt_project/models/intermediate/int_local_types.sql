-- Grain: one grouping of a chart that is not the authorised one (function, grouping), large enough to be its own type.
-- A profile may say that a system's own names are function and grouping; such a grouping is what the money was
-- for. Small ones stay unassigned, so that a ledger of hundreds of them still makes a readable forecast.
with local_lines as (
    select
        account_function as function,
        account_grouping as grouping,
        amount
    from {{ ref('stg_finance__postings') }}
    where
        account_function is not null
        and account_grouping is not null
        and {{ is_local_function('account_function') }}
),

lines as (
    select
        function,
        grouping,
        sum(abs(amount)) as turnover
    from local_lines
    group by function, grouping
),

groupings as (
    select
        grouping,
        sum(turnover) as turnover
    from lines
    group by grouping
),

everything as (
    select sum(turnover) as turnover
    from groupings
),

material as (
    select groupings.grouping
    from groupings
    cross join everything
    where groupings.turnover >= {{ var('local_type_min_share') }} * everything.turnover
)

select
    lines.function,
    lines.grouping,
    -- A bar separates the parts of a series id.
    'local:' || replace(lines.grouping, '|', '/') as measure_type
from lines
inner join material on lines.grouping = material.grouping
