-- Grain: one delivered posting (cost_key), tied to its measure where one was found. Every posting is here.
with matched as (
    select
        matches.cost_key,
        matches.match_method,
        measures.measure_key,
        measures.person_id,
        measures.case_key,
        measures.caseworker_id,
        measures.team,
        measures.legal_basis_key,
        measures.measure_type,
        measures.provider_id
    from {{ ref('int_cost_matches') }} as matches
    inner join {{ ref('int_measures') }} as measures on matches.measure_key = measures.measure_key
),

-- A company number that more than one provider carries says nothing about which of them was paid.
providers_by_cvr as (
    select
        cvr,
        max(provider_id) as provider_id
    from {{ ref('int_provider_versions') }}
    where cvr is not null
    group by cvr
    having count(distinct provider_id) = 1
)

select
    postings.cost_key,
    postings.source_system,
    postings.posting_id,
    postings.posting_date,
    postings.posting_month,
    postings.period,
    postings.year,
    postings.amount,
    postings.account_key,
    postings.account_ownership,
    postings.function,
    postings.load_id,
    coalesce(matched.match_method, 'unmatched') as match_method,
    coalesce(matched.measure_key, -1) as measure_key,
    coalesce(postings.person_id, matched.person_id) as person_id,
    coalesce(matched.case_key, -1) as case_key,
    matched.caseworker_id,
    matched.team,
    coalesce(matched.legal_basis_key, -1) as legal_basis_key,
    coalesce(nullif(matched.measure_type, 'unknown'), postings.account_measure_type) as measure_type,
    coalesce(providers.provider_key, -1) as provider_key,
    providers.sector as provider_sector
from {{ ref('int_postings') }} as postings
left join matched on postings.cost_key = matched.cost_key
left join providers_by_cvr on postings.cvr = providers_by_cvr.cvr
left join {{ ref('int_provider_versions') }} as providers
    on
        coalesce(matched.provider_id, providers_by_cvr.provider_id) = providers.provider_id
        and postings.posting_month between providers.valid_from and providers.valid_to
