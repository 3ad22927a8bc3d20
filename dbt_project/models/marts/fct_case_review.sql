-- Grain: one open case (case_key), with the reasons to take it up in the monthly review (sagsgennemgang).
-- Each reason is a column; their weights and the limits of the priorities are reference data.
with cases as (
    select cases.*
    from {{ ref('dim_case') }} as cases
    where cases.is_open
),

running as (
    select
        measures.*,
        measures.category = 'placement' as is_placement
    from {{ ref('int_measures') }} as measures
    cross join {{ ref('int_run') }} as run
    where
        measures.commitment = 'granted'
        and measures.starts_on <= run.as_of
        and measures.runs_to >= run.as_of
        and coalesce(measures.ended_on > run.as_of, true)
),

-- Findings on measures that run; the rules are those of the data quality list.
findings as (
    select
        running.case_key,
        max(case when findings.rule = 'measure_past_expected_end' then 1 else 0 end) as past_expected_end,
        max(case when findings.rule = 'measure_without_expected_end' then 1 else 0 end)
            as without_expected_end,
        max(case when findings.rule = 'measure_price_outlier' then 1 else 0 end) as price_outlier
    from {{ ref('int_findings_measures') }} as findings
    inner join running on findings.record_key = running.measure_key
    where findings.is_failing
    group by running.case_key
),

network_children as (
    select distinct child_key
    from {{ ref('int_measures') }}
    where is_network_care and commitment <> 'draft'
),

measured as (
    select
        running.case_key,
        count(*) as running_measures,
        max(case when running.is_placement and network_children.child_key is null then 1 else 0 end)
            as no_network_solution
    from running
    left join network_children on running.child_key = network_children.child_key
    group by running.case_key
),

-- A case whose measures have had plans, and none of these is valid any more.
planned as (
    select
        running.case_key,
        min(case when coalesce(plans.valid_to >= run.as_of, true) then 0 else 1 end) as plan_expired
    from running
    inner join {{ ref('int_measure_plans') }} as plans on running.measure_key = plans.measure_key
    cross join {{ ref('int_run') }} as run
    group by running.case_key
),

duties as (
    select
        deadlines.case_key,
        count(case when deadlines.is_overdue then 1 end) as overdue_duties,
        min(case when deadlines.is_open and not deadlines.is_overdue then deadlines.due_on end)
            as next_due_on,
        max(case when deadlines.duty = 'plan' and deadlines.is_overdue then 1 else 0 end) as plan_missing,
        max(
            case
                when
                    deadlines.duty in ('follow_up_first', 'follow_up_next') and deadlines.is_overdue
                    then 1
                else 0
            end
        ) as follow_up_overdue,
        max(case when deadlines.duty = 'assessment' and deadlines.is_overdue then 1 else 0 end)
            as assessment_overdue,
        max(
            case
                when
                    deadlines.duty = 'supervision'
                    and deadlines.met_on is null
                    and not deadlines.is_open
                    and running.measure_key is not null
                    and deadlines.due_on >= {{ add_months('run.as_of', -12) }}
                    then 1
                else 0
            end
        ) as supervision_lacking
    from {{ ref('fct_deadline') }} as deadlines
    cross join {{ ref('int_run') }} as run
    left join running on deadlines.measure_key = running.measure_key
    group by deadlines.case_key
),

open_assessments as (
    select
        cases.case_key,
        count(*) as assessments
    from {{ ref('stg_cases__assessments') }} as assessments
    cross join {{ ref('int_run') }} as run
    inner join {{ ref('int_cases') }} as cases on assessments.case_id = cases.case_id
    where coalesce(assessments.completed_on > run.as_of, true)
    group by cases.case_key
),

reasoned as (
    select
        cases.case_key,
        coalesce(measured.running_measures, 0) as running_measures,
        coalesce(duties.overdue_duties, 0) as overdue_duties,
        duties.next_due_on,
        coalesce(findings.past_expected_end, 0) as past_expected_end,
        coalesce(findings.without_expected_end, 0) as without_expected_end,
        coalesce(duties.plan_missing, 0) as plan_missing,
        coalesce(planned.plan_expired, 0) as plan_expired,
        coalesce(duties.follow_up_overdue, 0) as follow_up_overdue,
        coalesce(duties.assessment_overdue, 0) as assessment_overdue,
        coalesce(duties.supervision_lacking, 0) as supervision_lacking,
        coalesce(findings.price_outlier, 0) as price_outlier,
        coalesce(measured.no_network_solution, 0) as no_network_solution,
        case when measured.case_key is null and open_assessments.case_key is null then 1 else 0 end
            as without_measure
    from cases
    left join findings on cases.case_key = findings.case_key
    left join measured on cases.case_key = measured.case_key
    left join planned on cases.case_key = planned.case_key
    left join duties on cases.case_key = duties.case_key
    left join open_assessments on cases.case_key = open_assessments.case_key
),

weights as (
    select
        max(case when reason = 'past_expected_end' then weight else 0 end) as past_expected_end,
        max(case when reason = 'without_expected_end' then weight else 0 end) as without_expected_end,
        max(case when reason = 'plan_missing' then weight else 0 end) as plan_missing,
        max(case when reason = 'plan_expired' then weight else 0 end) as plan_expired,
        max(case when reason = 'follow_up_overdue' then weight else 0 end) as follow_up_overdue,
        max(case when reason = 'assessment_overdue' then weight else 0 end) as assessment_overdue,
        max(case when reason = 'supervision_lacking' then weight else 0 end) as supervision_lacking,
        max(case when reason = 'price_outlier' then weight else 0 end) as price_outlier,
        max(case when reason = 'no_network_solution' then weight else 0 end) as no_network_solution,
        max(case when reason = 'without_measure' then weight else 0 end) as without_measure
    from {{ ref('ref_review_reasons') }}
),

weighed as (
    select
        reasoned.*,
        reasoned.past_expected_end
        + reasoned.without_expected_end
        + reasoned.plan_missing
        + reasoned.plan_expired
        + reasoned.follow_up_overdue
        + reasoned.assessment_overdue
        + reasoned.supervision_lacking
        + reasoned.price_outlier
        + reasoned.no_network_solution
        + reasoned.without_measure
            as reasons,
        reasoned.past_expected_end * weights.past_expected_end
        + reasoned.without_expected_end * weights.without_expected_end
        + reasoned.plan_missing * weights.plan_missing
        + reasoned.plan_expired * weights.plan_expired
        + reasoned.follow_up_overdue * weights.follow_up_overdue
        + reasoned.assessment_overdue * weights.assessment_overdue
        + reasoned.supervision_lacking * weights.supervision_lacking
        + reasoned.price_outlier * weights.price_outlier
        + reasoned.no_network_solution * weights.no_network_solution
        + reasoned.without_measure * weights.without_measure
            as weight
    from reasoned
    cross join weights
)

select
    cases.case_key,
    cases.case_id,
    cases.child_key,
    cases.organisation_key,
    organisation.team,
    organisation.caseworker_id,
    cases.opened_on,
    cast(weighed.running_measures as integer) as running_measures,
    weighed.past_expected_end = 1 as past_expected_end,
    weighed.without_expected_end = 1 as without_expected_end,
    weighed.plan_missing = 1 as plan_missing,
    weighed.plan_expired = 1 as plan_expired,
    weighed.follow_up_overdue = 1 as follow_up_overdue,
    weighed.assessment_overdue = 1 as assessment_overdue,
    weighed.supervision_lacking = 1 as supervision_lacking,
    weighed.price_outlier = 1 as price_outlier,
    weighed.no_network_solution = 1 as no_network_solution,
    weighed.without_measure = 1 as without_measure,
    cast(weighed.overdue_duties as integer) as overdue_duties,
    weighed.next_due_on,
    cast(weighed.reasons as integer) as reasons,
    cast(weighed.weight as integer) as weight,
    cast(
        case
            when weighed.weight >= limits.high_priority_weight then 1
            when weighed.weight >= limits.medium_priority_weight then 2
            when weighed.weight > 0 then 3
            else 4
        end as integer
    ) as priority
from weighed
cross join {{ ref('int_follow_up_limits') }} as limits
inner join cases on weighed.case_key = cases.case_key
inner join
    {{ ref('dim_organisation') }} as organisation
    on cases.organisation_key = organisation.organisation_key
