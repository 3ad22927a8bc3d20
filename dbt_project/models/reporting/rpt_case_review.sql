-- Grain: one reason to review in one team: how many open cases have it on the as-of date.
{% set reasons = [
    "past_expected_end", "without_expected_end", "plan_missing", "plan_expired", "follow_up_overdue",
    "assessment_overdue", "supervision_lacking", "price_outlier", "no_network_solution", "without_measure"
] %}
with counted as (
    {% for reason in reasons %}
        select
            '{{ reason }}' as reason,
            team,
            count(*) as open_cases,
            sum(case when {{ reason }} then 1 else 0 end) as cases,
            count(distinct case when {{ reason }} then child_key end) as children
        from {{ ref('fct_case_review') }}
        group by team
        {{ "union all" if not loop.last }}
    {% endfor %}
)

select
    counted.reason,
    reasons.label_da as reason_da,
    reasons.label_en as reason_en,
    coalesce(counted.team, labels.label_da) as team,
    cast(sum(counted.open_cases) as integer) as open_cases,
    cast(sum(counted.cases) as integer) as cases,
    cast(sum(counted.children) as integer) as children,
    cast(sum(counted.cases) / nullif(sum(counted.open_cases), 0) as decimal(9, 6)) as share_of_cases,
    cast(false as boolean) as suppressed
from counted
inner join {{ ref('ref_review_reasons') }} as reasons on counted.reason = reasons.reason
inner join {{ ref('ref_labels') }} as labels on labels.scope = 'member' and labels.key = 'unknown'
group by counted.reason, reasons.label_da, reasons.label_en, coalesce(counted.team, labels.label_da)
