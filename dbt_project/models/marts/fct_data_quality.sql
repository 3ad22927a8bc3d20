-- Grain: one rule in one load, per source, entity and team (load_id, source_system, entity, rule, team).
-- Rules of loading know no team; rules on what the rows mean do.
with loads as (
    select
        load_id,
        source_system,
        entity,
        sum(rows_read) as rows_read
    from {{ ref('stg_intake__load_files') }}
    group by load_id, source_system, entity
),

failed_on_loading as (
    select
        load_id,
        source_system,
        entity,
        rule,
        max(severity) as severity,
        count(distinct coalesce(file, '') || '|' || coalesce(cast(row_number as {{ dbt.type_string() }}), ''))
            as rows_failing
    from {{ ref('stg_intake__load_errors') }}
    group by load_id, source_system, entity, rule
),

all_findings as (
    select
        failed_on_loading.load_id,
        failed_on_loading.source_system,
        failed_on_loading.entity,
        failed_on_loading.rule,
        failed_on_loading.severity,
        cast(null as {{ dbt.type_string() }}) as team,
        coalesce(loads.rows_read, failed_on_loading.rows_failing) as rows_checked,
        failed_on_loading.rows_failing
    from failed_on_loading
    left join loads
        on
            failed_on_loading.load_id = loads.load_id
            and failed_on_loading.source_system = loads.source_system
            and failed_on_loading.entity = loads.entity
    union all
    select
        findings.load_id,
        findings.source_system,
        rules.entity,
        findings.rule,
        rules.severity,
        findings.team,
        count(*) as rows_checked,
        sum(case when findings.is_failing then 1 else 0 end) as rows_failing
    from {{ ref('int_quality_findings') }} as findings
    inner join {{ ref('ref_quality_rules') }} as rules on findings.rule = rules.rule
    group by
        findings.load_id, findings.source_system, rules.entity, findings.rule, rules.severity, findings.team
)

select
    {{ surrogate_key([
        'found.load_id', 'found.source_system', 'found.entity', 'found.rule', 'found.team'
    ]) }} as data_quality_key,
    found.load_id,
    found.source_system,
    found.entity,
    found.rule,
    found.severity,
    coalesce(organisation.organisation_key, -1) as organisation_key,
    found.team,
    cast(found.rows_checked as bigint) as rows_checked,
    cast(found.rows_failing as bigint) as rows_failing
from all_findings as found
left join {{ ref('dim_organisation') }} as organisation
    on
        organisation.caseworker_id is null
        and organisation.organisation_key <> -1
        and found.team = organisation.team
