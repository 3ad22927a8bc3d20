-- Grain: one rule in one team: what is overdue on the as-of date, and what falls due in the thirty days after.
select
    deadlines.duty,
    deadlines.rule,
    rules.label_da as rule_da,
    rules.label_en as rule_en,
    deadlines.is_local_norm,
    deadlines.is_verified,
    coalesce(deadlines.team, labels.label_da) as team,
    cast(count(distinct deadlines.child_key) as integer) as children,
    cast(sum(case when deadlines.is_overdue then 1 else 0 end) as integer) as overdue,
    cast(max(case when deadlines.is_overdue then deadlines.days_late end) as integer) as longest_days_late,
    cast(sum(case when deadlines.due_in_next_30_days then 1 else 0 end) as integer) as due_in_next_30_days,
    min(case when deadlines.due_in_next_30_days then deadlines.due_on end) as next_due_on,
    cast(false as boolean) as suppressed
from {{ ref('fct_deadline') }} as deadlines
inner join {{ ref('ref_deadline_rules') }} as rules on deadlines.rule = rules.rule
inner join {{ ref('ref_labels') }} as labels on labels.scope = 'member' and labels.key = 'unknown'
where deadlines.is_overdue or deadlines.due_in_next_30_days
group by
    deadlines.duty, deadlines.rule, rules.label_da, rules.label_en, deadlines.is_local_norm,
    deadlines.is_verified, coalesce(deadlines.team, labels.label_da)
