-- Grain: one team in one year: the plans that ran out in it, their goals, and how many were met.
select
    cast(extract(year from plans.valid_to) as integer) as year,
    coalesce(cases.team, labels.label_da) as team,
    cast(count(*) as integer) as plans,
    cast(count(distinct plans.person_id) as integer) as children,
    cast(sum(case when plans.goals > 0 then 1 else 0 end) as integer) as plans_with_goals,
    cast(sum(coalesce(plans.goals, 0)) as integer) as goals,
    cast(sum(coalesce(plans.goals_met, 0)) as integer) as goals_met,
    cast(
        sum(plans.goals_met)
        / nullif(sum(case when plans.goals_met is not null then plans.goals end), 0) as decimal(9, 6)
    )
        as share_met,
    cast(false as boolean) as suppressed
from {{ ref('stg_cases__plans') }} as plans
cross join {{ ref('int_run') }} as run
inner join {{ ref('ref_labels') }} as labels on labels.scope = 'member' and labels.key = 'unknown'
left join {{ ref('int_cases') }} as cases on plans.case_id = cases.case_id
where plans.valid_to <= run.as_of
group by cast(extract(year from plans.valid_to) as integer), coalesce(cases.team, labels.label_da)
