-- Grain: one delivered posting, or one share of it where it covers several measures (cost_key). Every posting is
-- here, tied to its measure where one was found; the first share has the posting's own key.
with matched as (
    select
        shares.cost_key as posting_key,
        shares.share_number,
        shares.amount,
        shares.match_method,
        shares.match_confidence,
        measures.measure_key,
        measures.person_id,
        measures.case_key,
        measures.caseworker_id,
        measures.team,
        measures.legal_basis_key,
        measures.measure_type,
        measures.provider_id
    from {{ ref('int_cost_shares') }} as shares
    inner join {{ ref('int_measures') }} as measures on shares.measure_key = measures.measure_key
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
    case
        when coalesce(matched.share_number, 1) = 1 then postings.cost_key
        else {{ surrogate_key(['postings.source_system', 'postings.posting_id', 'matched.share_number']) }}
    end as cost_key,
    postings.cost_key as posting_key,
    coalesce(matched.share_number, 1) as share_number,
    postings.source_system,
    postings.posting_id,
    postings.posting_date,
    postings.posting_month,
    postings.period,
    postings.year,
    coalesce(matched.amount, postings.amount) as amount,
    postings.account_key,
    postings.account_ownership,
    postings.function,
    postings.load_id,
    coalesce(matched.match_method, 'unmatched') as match_method,
    coalesce(matched.match_confidence, 0) as match_confidence,
    corrected.posting_id as corrects_posting_id,
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
left join matched on postings.cost_key = matched.posting_key
left join {{ ref('int_cost_pairs') }} as pairs on postings.cost_key = pairs.cost_key
left join {{ ref('int_postings') }} as corrected on pairs.corrects_cost_key = corrected.cost_key
left join providers_by_cvr on postings.cvr = providers_by_cvr.cvr
left join {{ ref('int_provider_versions') }} as providers
    on
        coalesce(matched.provider_id, providers_by_cvr.provider_id) = providers.provider_id
        and postings.posting_month between providers.valid_from and providers.valid_to
