-- Grain: one year on one level and key (year, level, key). A past year without a forecast has come out as booked.
with run as (
    select * from {{ ref('int_run') }}
),

outturns as (
    select outturns.*
    from {{ ref('fct_outturn') }} as outturns
    inner join run on outturns.run_id = run.run_id
),

keys as (
    select
        year,
        level,
        key
    from {{ ref('int_budget_level') }}
    union distinct
    select
        year,
        level,
        key
    from {{ ref('int_actual_level') }}
    union distinct
    select
        year,
        level,
        key
    from outturns
),

budgeted as (
    select distinct year
    from {{ ref('int_budget_level') }}
),

joined as (
    select
        keys.year,
        keys.level,
        keys.key,
        keys.year < run.current_year as is_past,
        -- A coming year that nobody has budgeted yet has no budget, and deviates from nothing.
        keys.year <= run.current_year or budgeted.year is not null as has_budget,
        coalesce(budget.original_budget, 0) as original_budget,
        coalesce(budget.supplementary_budget, 0) as supplementary_budget,
        coalesce(budget.transferred_budget, 0) as transferred_budget,
        coalesce(budget.adjusted_budget, 0) as adjusted_budget,
        coalesce(actual.actual_to_date, 0) as actual_to_date,
        coalesce(actual.committed, 0) as committed,
        outturns.mean,
        outturns.p10,
        outturns.p50,
        outturns.p90,
        outturns.probability_over_budget,
        outturns.floor_amount,
        outturns.open_amount
    from keys
    cross join run
    left join budgeted on keys.year = budgeted.year
    left join {{ ref('int_budget_level') }} as budget
        on
            keys.year = budget.year
            and keys.level = budget.level
            and keys.key = budget.key
    left join {{ ref('int_actual_level') }} as actual
        on
            keys.year = actual.year
            and keys.level = actual.level
            and keys.key = actual.key
    left join outturns
        on
            keys.year = outturns.year
            and keys.level = outturns.level
            and keys.key = outturns.key
    where
        -- Measures that began long ago are committed in years that no ledger here knows.
        keys.year >= extract(year from run.first_month)
        -- Beyond the next budget year only what is forecast: what is committed that far is no year's picture.
        and (keys.year <= run.current_year + 1 or outturns.mean is not null)
        and (
            budget.original_budget <> 0
            or budget.adjusted_budget <> 0
            or budget.transferred_budget <> 0
            or actual.actual_to_date <> 0
            or actual.committed <> 0
            or outturns.mean is not null
        )
),

expected as (
    select
        joined.*,
        coalesce(joined.mean, case when joined.is_past then joined.actual_to_date end) as expected_mean,
        coalesce(joined.p10, case when joined.is_past then joined.actual_to_date end) as expected_p10,
        coalesce(joined.p50, case when joined.is_past then joined.actual_to_date end) as expected_p50,
        coalesce(joined.p90, case when joined.is_past then joined.actual_to_date end) as expected_p90
    from joined
)

select
    expected.year,
    expected.level,
    expected.key,
    labels.label_da,
    labels.label_en,
    labels.category,
    labels.budget_frame,
    labels.sort_order,
    case when expected.has_budget then expected.original_budget end as original_budget,
    case when expected.has_budget then expected.supplementary_budget end as supplementary_budget,
    case when expected.has_budget then expected.transferred_budget end as transferred_budget,
    case when expected.has_budget then expected.adjusted_budget end as adjusted_budget,
    expected.actual_to_date,
    expected.committed,
    cast(expected.expected_mean as decimal(18, 2)) as mean,
    cast(expected.expected_p10 as decimal(18, 2)) as p10,
    cast(expected.expected_p50 as decimal(18, 2)) as p50,
    cast(expected.expected_p90 as decimal(18, 2)) as p90,
    cast(
        case when expected.has_budget then expected.expected_mean - expected.adjusted_budget end
        as decimal(18, 2)
    ) as deviation,
    expected.probability_over_budget,
    cast(expected.floor_amount as decimal(18, 2)) as floor_amount,
    cast(expected.open_amount as decimal(18, 2)) as open_amount,
    coalesce(children.children, 0) as children,
    children.children_month_min,
    children.largest_child_share,
    labels.parent_function,
    false as suppressed
from expected
inner join {{ ref('int_level_labels') }} as labels
    on
        expected.level = labels.level
        and expected.key = labels.key
left join {{ ref('int_level_children') }} as children
    on
        expected.year = children.year
        and expected.level = children.level
        and expected.key = children.key
