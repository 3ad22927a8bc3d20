-- Grain: one row that a quality rule looked at (rule, record_key), and whether it fails.
-- Rules of loading are counted by intake; these look at what the loaded rows mean together.
with measures as (
    select
        measures.*,
        run.as_of,
        measures.commitment = 'granted' and measures.ended_on is null and measures.starts_on <= run.as_of
            as is_running
    from {{ ref('int_measures') }} as measures
    cross join {{ ref('int_run') }} as run
    where measures.commitment <> 'draft'
),

providers as (
    select distinct provider_id
    from {{ ref('int_provider_versions') }}
),

findings as (
    select
        'measure_without_price' as rule,
        load_id,
        source_system,
        measure_key as record_key,
        team,
        caseworker_id,
        unit_price is null or unit is null as is_failing
    from measures
    union all
    select
        'measure_type_unknown' as rule,
        load_id,
        source_system,
        measure_key as record_key,
        team,
        caseworker_id,
        measure_type = 'unknown' as is_failing
    from measures
    union all
    select
        'measure_legal_basis_unknown' as rule,
        load_id,
        source_system,
        measure_key as record_key,
        team,
        caseworker_id,
        legal_basis_key = -1 as is_failing
    from measures
    union all
    select
        'measure_without_provider' as rule,
        measures.load_id,
        measures.source_system,
        measures.measure_key as record_key,
        measures.team,
        measures.caseworker_id,
        providers.provider_id is null as is_failing
    from measures
    left join providers on measures.provider_id = providers.provider_id
    where measures.category = 'placement'
    union all
    select
        'measure_past_expected_end' as rule,
        load_id,
        source_system,
        measure_key as record_key,
        team,
        caseworker_id,
        coalesce(expected_end_on < as_of, false) as is_failing
    from measures
    where is_running
    union all
    select
        'measure_without_expected_end' as rule,
        load_id,
        source_system,
        measure_key as record_key,
        team,
        caseworker_id,
        expected_end_on is null as is_failing
    from measures
    where is_running
    union all
    select
        'case_without_caseworker' as rule,
        cases.load_id,
        cases.source_system,
        cases.case_key as record_key,
        cases.team,
        cases.caseworker_id,
        cases.caseworker_id is null as is_failing
    from {{ ref('int_cases') }} as cases
    where cases.closed_on is null
    union all
    select
        'posting_account_unknown' as rule,
        load_id,
        source_system,
        cost_key as record_key,
        cast(null as {{ dbt.type_string() }}) as team,
        cast(null as {{ dbt.type_string() }}) as caseworker_id,
        function = 'unknown' as is_failing
    from {{ ref('int_costs') }}
    union all
    select
        'posting_unmatched' as rule,
        load_id,
        source_system,
        cost_key as record_key,
        team,
        caseworker_id,
        match_method = 'unmatched' as is_failing
    from {{ ref('int_costs') }}
    where person_id is not null
)

select
    rule,
    load_id,
    source_system,
    record_key,
    team,
    caseworker_id,
    is_failing
from findings
