-- Grain: one ledger posting, or one share of it where it is divided over several measures. Every delivered posting
-- is here, its shares adding up to it to the øre; what is unknown has key −1.
select
    costs.cost_key,
    costs.posting_id,
    costs.share_number,
    costs.source_system,
    {{ date_key('costs.posting_date') }} as date_key,
    coalesce(children.child_key, -1) as child_key,
    costs.case_key,
    costs.measure_key,
    coalesce(types.measure_type_key, -1) as measure_type_key,
    costs.legal_basis_key,
    costs.provider_key,
    costs.account_key,
    coalesce(organisation.organisation_key, -1) as organisation_key,
    cast(-1 as bigint) as initiative_key,
    costs.posting_date,
    costs.posting_month,
    costs.period,
    costs.year,
    costs.amount,
    costs.match_method,
    cast(costs.match_confidence as decimal(3, 2)) as match_confidence,
    costs.corrects_posting_id,
    coalesce(costs.provider_sector, owners.sector, 'unknown') as sector,
    costs.function as series_function,
    costs.measure_type,
    costs.posting_date <= run.as_of as is_to_date,
    costs.posting_date <= run.as_of and costs.posting_month <= run.last_complete_month
        as is_in_complete_month,
    costs.year < run.current_year as is_past_year,
    costs.load_id
from {{ ref('int_costs') }} as costs
cross join {{ ref('int_run') }} as run
left join {{ ref('dim_child') }} as children on costs.person_id = children.child_id
left join {{ ref('dim_measure_type') }} as types on costs.measure_type = types.measure_type
left join {{ ref('dim_organisation') }} as organisation
    on {{ surrogate_key(['costs.team', 'costs.caseworker_id']) }} = organisation.organisation_key
left join {{ ref('ref_account_ownership') }} as owners on costs.account_ownership = owners.ownership_code
