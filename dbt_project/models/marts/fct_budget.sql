-- Grain: one delivered budget line (year, account, version, day decided).
select
    budget.budget_key,
    budget.source_system,
    budget.year,
    {{ date_key('budget.decided_on') }} as date_key,
    budget.account_key,
    coalesce(types.measure_type_key, -1) as measure_type_key,
    budget.version,
    budget.amount,
    budget.decided_on,
    budget.is_in_force,
    budget.function as series_function,
    budget.measure_type,
    budget.load_id
from {{ ref('int_budget_lines') }} as budget
left join {{ ref('dim_measure_type') }} as types on budget.measure_type = types.measure_type
