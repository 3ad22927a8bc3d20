-- Grain: one level and key that figures may be shown for (level, key), with its words and place in a list.
with keys as (
    select distinct
        level,
        key
    from {{ ref('int_level_bridge') }}
    union distinct
    select
        'total' as level,
        'total' as key
),

functions as (
    select
        function,
        name_da,
        name_en,
        budget_frame,
        row_number() over (partition by function order by valid_from desc) as recency
    from {{ ref('ref_functions') }}
),

labelled as (
    select
        keys.level,
        keys.key,
        coalesce(labels.label_da, functions.name_da, types.label_da, keys.key) as label_da,
        coalesce(labels.label_en, functions.name_en, types.label_en, keys.key) as label_en,
        case
            when keys.level = 'function' then functions.budget_frame
            when keys.level = 'measure_type' then coalesce(types.category, 'unknown')
        end as category,
        case when keys.level = 'measure_type' then types.function end as parent_function,
        coalesce(functions.budget_frame, home_functions.budget_frame) as budget_frame,
        types.step,
        case keys.level when 'total' then 0 when 'function' then 1 else 2 end as level_order
    from keys
    left join {{ ref('ref_labels') }} as labels on keys.level = labels.scope and keys.key = labels.key
    left join functions on keys.level = 'function' and keys.key = functions.function and functions.recency = 1
    left join {{ ref('int_measure_types') }} as types
        on keys.level = 'measure_type' and keys.key = types.measure_type
    left join functions as home_functions
        on types.function = home_functions.function and home_functions.recency = 1
)

select
    level,
    key,
    label_da,
    label_en,
    category,
    budget_frame,
    parent_function,
    -- Total, functions in the chart's order, types from the highest step down; what is unknown comes last.
    cast(
        row_number() over (
            order by
                level_order asc,
                case when key = 'unknown' then 1 else 0 end,
                step desc nulls last,
                parent_function asc nulls last,
                key asc
        ) - 1 as integer
    ) as sort_order
from labelled
