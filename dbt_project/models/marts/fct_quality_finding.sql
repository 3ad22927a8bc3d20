-- Grain: one record that breaks one rule and can be put right (quality_finding_key): what a team works off.
-- Records are named by the number that their own system gives them, never by a person.
with loads as (
    select distinct
        load_id,
        source_system,
        entity
    from {{ ref('int_loads_in_force') }}
),

on_loading as (
    select
        errors.load_id,
        errors.source_system,
        errors.entity,
        errors.rule,
        errors.severity,
        errors.record_id,
        errors.file,
        errors.row_number,
        errors.column_name,
        coalesce(errors.case_id, case when errors.entity = 'cases' then errors.record_id end) as case_id,
        min(errors.message_da) as message_da,
        min(errors.message_en) as message_en,
        min(errors.remedy_da) as remedy_da,
        min(errors.remedy_en) as remedy_en
    from {{ ref('stg_intake__load_errors') }} as errors
    inner join loads
        on
            errors.load_id = loads.load_id
            and errors.source_system = loads.source_system
            and errors.entity = loads.entity
    where errors.row_number is not null
    group by
        errors.load_id, errors.source_system, errors.entity, errors.rule, errors.severity,
        errors.record_id, errors.file, errors.row_number, errors.column_name, errors.case_id
),

all_findings as (
    select
        found.load_id,
        found.source_system,
        found.entity,
        found.rule,
        found.severity,
        found.record_id,
        found.case_id,
        cases.team,
        cases.caseworker_id,
        cast(null as date) as since,
        found.message_da,
        found.message_en,
        found.remedy_da,
        found.remedy_en,
        found.file,
        found.row_number,
        found.column_name
    from on_loading as found
    left join {{ ref('int_cases') }} as cases on found.case_id = cases.case_id
    union all
    select
        findings.load_id,
        findings.source_system,
        rules.entity,
        findings.rule,
        rules.severity,
        findings.record_id,
        findings.case_id,
        findings.team,
        findings.caseworker_id,
        findings.since,
        rules.message_da,
        rules.message_en,
        rules.remedy_da,
        rules.remedy_en,
        cast(null as {{ dbt.type_string() }}) as file,
        cast(null as bigint) as row_number,
        cast(null as {{ dbt.type_string() }}) as column_name
    from {{ ref('int_quality_findings') }} as findings
    inner join {{ ref('ref_quality_rules') }} as rules on findings.rule = rules.rule
    where findings.is_failing
)

select
    {{ surrogate_key([
        'found.load_id', 'found.source_system', 'found.entity', 'found.rule', 'found.record_id', 'found.file',
        'found.row_number', 'found.column_name'
    ]) }} as quality_finding_key,
    found.load_id,
    found.source_system,
    found.entity,
    found.rule,
    found.severity,
    found.record_id,
    found.case_id,
    coalesce(organisation.organisation_key, -1) as organisation_key,
    found.team,
    found.caseworker_id,
    found.since,
    -- A day that is still to come has no age yet.
    cast(
        case
            when found.since > run.as_of then 0
            else {{ dbt.datediff('found.since', 'run.as_of', 'day') }}
        end as bigint
    ) as age_days,
    found.message_da,
    found.message_en,
    found.remedy_da,
    found.remedy_en,
    found.file,
    found.row_number,
    found.column_name
from all_findings as found
cross join {{ ref('int_run') }} as run
left join {{ ref('dim_organisation') }} as organisation
    on
        organisation.caseworker_id is null
        and organisation.organisation_key <> -1
        and found.team = organisation.team
