-- Grain: one rule on one posting (rule, record_key), and whether it fails.
-- Belongs here: what a posting says of itself, and beside the case system where that is delivered.
{% set rules = [
    ("posting_account_unknown", "true", "function = 'unknown'"),
    ("posting_unmatched", "person_id is not null", "match_method = 'unmatched'"),
    ("posting_measure_unknown", "has_measures and measure_id is not null", "not is_measure_known"),
    ("posting_person_unknown", "has_children and person_id is not null", "not is_child_known"),
    ("posting_amount_extreme", "true", "abs(amount) > posting_amount_max"),
    ("posting_in_future", "true", "since > latest_posting"),
] %}
with limits as (
    select
        max(case when limit_name = 'posting_amount_max' then limit_value end) as posting_amount_max,
        max(case when limit_name = 'posting_days_ahead' then limit_value end) as posting_days_ahead
    from {{ ref('ref_quality_limits') }}
),

delivered as (
    select
        (select count(*) from {{ ref('stg_cases__children') }}) > 0 as has_children,
        (select count(*) from {{ ref('stg_cases__measures') }}) > 0 as has_measures
),

known_measures as (
    select distinct measure_id
    from {{ ref('stg_cases__measures') }}
),

postings as (
    select
        costs.cost_key as record_key,
        costs.load_id,
        costs.source_system,
        costs.posting_id as record_id,
        costs.team,
        costs.caseworker_id,
        costs.posting_date as since,
        written.amount,
        costs.function,
        costs.match_method,
        costs.person_id,
        written.measure_id,
        cases.case_id,
        limits.posting_amount_max,
        delivered.has_children,
        delivered.has_measures,
        coalesce(children.is_in_case_system, false) as is_child_known,
        known_measures.measure_id is not null as is_measure_known,
        {{ add_days('run.as_of', 'cast(limits.posting_days_ahead as integer)') }} as latest_posting
    from {{ ref('int_costs') }} as costs
    cross join {{ ref('int_run') }} as run
    cross join limits
    cross join delivered
    inner join {{ ref('int_postings') }} as written
        on costs.posting_key = written.cost_key and costs.share_number = 1
    left join {{ ref('int_cases') }} as cases on costs.case_key = cases.case_key
    left join {{ ref('int_children') }} as children on costs.person_id = children.person_id
    left join known_measures on written.measure_id = known_measures.measure_id
)

{% for rule, checked, failing in rules %}
    select
        '{{ rule }}' as rule,
        load_id,
        source_system,
        record_id,
        record_key,
        case_id,
        team,
        caseworker_id,
        {{ failing }} as is_failing,
        since
    from postings
    where {{ checked }}
    {{ "union all" if not loop.last }}
{% endfor %}
