-- Grain: one rule on one record of the case system beside its measures (rule, record_key), and whether it fails.
-- A reference is only looked at where what it points to is delivered at all.
{% set rules = [
    ("case_without_caseworker", "cases", "closed_on is null", "caseworker_id is null"),
    ("case_person_unknown", "cases", "has_children", "not is_child_known"),
    ("case_caseworker_unknown", "cases", "has_caseworkers and caseworker_id is not null", "not is_caseworker_known"),
    ("case_opened_in_future", "cases", "true", "since > as_of"),
    ("plan_case_unknown", "plans", "has_cases", "not is_case_known"),
    ("plan_measure_unknown", "plans", "has_measures and measure_id is not null", "not is_measure_known"),
    ("plan_ends_before_start", "plans", "valid_to is not null", "valid_to < since"),
    ("assessment_case_unknown", "assessments", "has_cases", "not is_case_known"),
    ("follow_up_case_unknown", "follow_ups", "has_cases", "not is_case_known"),
    ("follow_up_measure_unknown", "follow_ups", "has_measures and measure_id is not null", "not is_measure_known"),
    ("notification_met_before_received", "notifications", "met_on is not null", "met_on < since"),
    ("caseworker_overlap", "caseworkers", "true", "coalesce(previous_valid_to >= since, false)"),
    ("provider_overlap", "providers", "true", "coalesce(previous_valid_to >= since, false)"),
] %}
with delivered as (
    select
        (select count(*) from {{ ref('stg_cases__children') }}) > 0 as has_children,
        (select count(*) from {{ ref('stg_cases__cases') }}) > 0 as has_cases,
        (select count(*) from {{ ref('stg_cases__measures') }}) > 0 as has_measures,
        (select count(*) from {{ ref('stg_cases__caseworkers') }}) > 0 as has_caseworkers
),

known_measures as (
    select distinct measure_id
    from {{ ref('stg_cases__measures') }}
),

known_caseworkers as (
    select distinct caseworker_id
    from {{ ref('stg_cases__caseworkers') }}
),

cases as (
    select
        cases.load_id,
        cases.source_system,
        cases.case_id as record_id,
        cases.case_id,
        cases.team,
        cases.caseworker_id,
        cases.opened_on as since,
        cases.closed_on,
        run.as_of,
        delivered.has_children,
        delivered.has_caseworkers,
        coalesce(children.is_in_case_system, false) as is_child_known,
        known_caseworkers.caseworker_id is not null as is_caseworker_known
    from {{ ref('int_cases') }} as cases
    cross join delivered
    cross join {{ ref('int_run') }} as run
    left join {{ ref('int_children') }} as children on cases.person_id = children.person_id
    left join known_caseworkers on cases.caseworker_id = known_caseworkers.caseworker_id
),

{% for name, id, since, measure, valid_to in [
    ("plans", "plan_id", "records.decided_on", "records.measure_id", "records.valid_to"),
    ("assessments", "assessment_id", "records.opened_on", "null", "null"),
    ("follow_ups", "follow_up_id", "coalesce(records.held_on, records.due_on)", "records.measure_id", "null"),
] %}
    {{ name }} as (
        select
            records.load_id,
            records.source_system,
            records.{{ id }} as record_id,
            records.case_id,
            cases.team,
            cases.caseworker_id,
            {{ since }} as since,
            cast({{ valid_to }} as date) as valid_to,
            cast({{ measure }} as {{ dbt.type_string() }}) as measure_id,
            delivered.has_cases,
            delivered.has_measures,
            cases.case_id is not null as is_case_known,
            known_measures.measure_id is not null as is_measure_known
        from {{ ref('stg_cases__' ~ name) }} as records
        cross join delivered
        left join {{ ref('int_cases') }} as cases on records.case_id = cases.case_id
        left join known_measures on {{ measure }} = known_measures.measure_id
    ),

{% endfor %}
notifications as (
    select
        load_id,
        source_system,
        notification_id as record_id,
        cast(null as {{ dbt.type_string() }}) as case_id,
        cast(null as {{ dbt.type_string() }}) as team,
        cast(null as {{ dbt.type_string() }}) as caseworker_id,
        cast(received_at as date) as since,
        case
            when acknowledged_on is null or cast(assessed_at as date) < acknowledged_on
                then cast(assessed_at as date)
            else acknowledged_on
        end as met_on
    from {{ ref('stg_cases__notifications') }}
),

caseworkers as (
    select
        load_id,
        source_system,
        caseworker_id || ' / ' || cast(valid_from as {{ dbt.type_string() }}) as record_id,
        cast(null as {{ dbt.type_string() }}) as case_id,
        team,
        caseworker_id,
        valid_from as since,
        -- A period without an end lasts until the next one of the same caseworker begins.
        lag(valid_to) over (partition by source_system, caseworker_id order by valid_from)
            as previous_valid_to
    from {{ ref('stg_cases__caseworkers') }}
),

providers as (
    select
        load_id,
        source_system,
        provider_id || coalesce(' / ' || cast(valid_from as {{ dbt.type_string() }}), '') as record_id,
        cast(null as {{ dbt.type_string() }}) as case_id,
        cast(null as {{ dbt.type_string() }}) as team,
        cast(null as {{ dbt.type_string() }}) as caseworker_id,
        valid_from as since,
        lag(valid_to) over (partition by source_system, provider_id order by valid_from nulls first)
            as previous_valid_to
    from {{ ref('stg_cases__providers') }}
)

{% for rule, records, checked, failing in rules %}
    select
        '{{ rule }}' as rule,
        load_id,
        source_system,
        record_id,
        {{ surrogate_key(["'" ~ records ~ "'", 'source_system', 'record_id']) }} as record_key,
        case_id,
        team,
        caseworker_id,
        {{ failing }} as is_failing,
        since
    from {{ records }}
    where {{ checked }}
    {{ "union all" if not loop.last }}
{% endfor %}
