-- Grain: one rule for one source and entity (rule, source, entity), over the loads whose rows may still hold.
with loads as (
    select distinct
        load_id,
        source_system,
        entity
    from {{ ref('int_loads_in_force') }}
),

on_loading as (
    select
        errors.source_system,
        errors.entity,
        errors.rule,
        max(errors.severity) as severity,
        min(errors.message_da) as message_da,
        min(errors.message_en) as message_en,
        count(
            distinct errors.load_id || '|' || coalesce(errors.file, '')
            || '|' || coalesce(cast(errors.row_number as {{ dbt.type_string() }}), '')
        ) as failing_rows
    from {{ ref('stg_intake__load_errors') }} as errors
    inner join loads
        on
            errors.load_id = loads.load_id
            and errors.source_system = loads.source_system
            and errors.entity = loads.entity
    group by errors.source_system, errors.entity, errors.rule
),

on_meaning as (
    select
        findings.source_system,
        rules.entity,
        findings.rule,
        rules.severity,
        rules.message_da,
        rules.message_en,
        sum(findings.rows_failing) as failing_rows
    from {{ ref('fct_data_quality') }} as findings
    inner join {{ ref('ref_quality_rules') }} as rules on findings.rule = rules.rule
    group by
        findings.source_system,
        rules.entity,
        findings.rule,
        rules.severity,
        rules.message_da,
        rules.message_en
    having sum(findings.rows_failing) > 0
)

select
    source_system as source,
    entity,
    rule,
    severity,
    message_da,
    message_en,
    cast(failing_rows as bigint) as rows
from on_loading
union all
select
    source_system as source,
    entity,
    rule,
    severity,
    message_da,
    message_en,
    cast(failing_rows as bigint) as rows
from on_meaning
