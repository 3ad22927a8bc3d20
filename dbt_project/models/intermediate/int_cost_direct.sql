-- Grain: one posting that a pass ties to exactly one measure by what the posting says (cost_key, method).
-- Of several measures that a pass allows, the nearest in time counts; two equally near are no match.
with tried as (
    select
        candidates.cost_key,
        candidates.measure_key,
        passes.method,
        passes.pass_order,
        rank() over (
            partition by candidates.cost_key, passes.method
            order by case when passes.by_measure_id then 0 else abs(candidates.months_late) end
        ) as nearness
    from {{ ref('int_cost_candidates') }} as candidates
    inner join {{ ref('ref_match_passes') }} as passes
        on
            passes.stage = 'direct'
            and (candidates.is_named or not passes.by_measure_id)
            and (candidates.is_same_person or not passes.by_person)
            and (candidates.is_same_provider or not passes.by_provider)
            and (not candidates.is_other_provider or passes.by_measure_id)
            and (candidates.is_same_type or not passes.by_account)
            and (candidates.is_same_function or not passes.by_function)
            and (
                passes.by_measure_id
                or candidates.months_late between -passes.months_early and passes.months_late
            )
)

select
    cost_key,
    method,
    min(pass_order) as pass_order,
    max(measure_key) as measure_key
from tried
where nearness = 1
group by cost_key, method
having count(*) = 1
