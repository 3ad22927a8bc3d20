-- Grain: one year on one level and key (year, level, key): the budget as adopted, what was decided since (appropriations
-- and transfers between accounts), and as adjusted by as_of.
select
    budget.year,
    bridge.level,
    bridge.key,
    cast(sum(case when budget.version = 'original' then budget.amount else 0 end) as decimal(18, 2))
        as original_budget,
    cast(
        sum(case when budget.version = 'supplementary' and budget.is_in_force then budget.amount else 0 end)
        as decimal(18, 2)
    ) as supplementary_budget,
    cast(
        sum(case when budget.version = 'transfer' and budget.is_in_force then budget.amount else 0 end)
        as decimal(18, 2)
    ) as transferred_budget,
    cast(sum(case when budget.is_in_force then budget.amount else 0 end) as decimal(18, 2)) as adjusted_budget
from {{ ref('int_budget_lines') }} as budget
inner join {{ ref('int_level_bridge') }} as bridge
    on
        budget.function = bridge.function
        and budget.measure_type = bridge.measure_type
group by budget.year, bridge.level, bridge.key
