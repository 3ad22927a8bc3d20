-- Grain: one rule on one source's entity in one team and month (source, entity, rule, team, month).
-- A snapshot tells all of its entity again each night: of each month the newest one counts, with what was
-- delivered after it. Rules on what rows mean are counted on the rows that hold now, in the month of their load.
with loads as (
    select
        load_id,
        source_system,
        entity,
        load_seq,
        {{ month_start('cast(loaded_at as date)') }} as month,
        max(case when delivery = 'snapshot' and state = 'loaded' then load_seq end) over (
            partition by source_system, entity, {{ month_start('cast(loaded_at as date)') }}
        ) as snapshot_seq
    from {{ ref('stg_intake__load_files') }}
    where state <> 'stopped'
),

counting as (
    select distinct
        load_id,
        source_system,
        entity,
        month
    from loads
    where load_seq >= coalesce(snapshot_seq, 0)
),

counted as (
    select
        counting.month,
        findings.source_system as source,
        findings.entity,
        findings.rule,
        findings.severity,
        coalesce(findings.team, labels.label_da) as team,
        cast(sum(findings.rows_checked) as bigint) as rows_checked,
        cast(sum(findings.rows_failing) as bigint) as rows_failing
    from {{ ref('fct_data_quality') }} as findings
    inner join counting
        on
            findings.load_id = counting.load_id
            and findings.source_system = counting.source_system
            and findings.entity = counting.entity
    inner join {{ ref('ref_labels') }} as labels on labels.scope = 'member' and labels.key = 'unknown'
    group by
        counting.month, findings.source_system, findings.entity, findings.rule, findings.severity,
        coalesce(findings.team, labels.label_da)
)

select
    month,
    cast(extract(year from month) as integer) as year,
    source,
    entity,
    rule,
    severity,
    team,
    rows_checked,
    rows_failing,
    cast(rows_failing / nullif(rows_checked, 0) as decimal(9, 6)) as share_failing,
    -- A row is about one child at most, so this many children at most stand behind the smallest number here.
    coalesce(
        least(nullif(rows_checked, 0), nullif(rows_failing, 0), nullif(rows_checked - rows_failing, 0)), 0
    ) as rows_smallest,
    cast(false as boolean) as suppressed
from counted
