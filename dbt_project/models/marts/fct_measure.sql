-- Grain: one measure, accumulating: what is known of its course and what it is committed to cost.
with committed as (
    select
        months.measure_key,
        sum(months.active_days + months.expected_days) as days,
        sum(months.committed_amount) as committed_amount,
        sum(months.expected_amount) as expected_amount,
        sum(
            case
                when extract(year from months.month) = run.current_year then months.committed_amount else 0
            end
        ) as committed_amount_this_year,
        sum(
            case
                when
                    extract(year from months.month) = run.current_year + 1
                    then months.committed_amount
                else 0
            end
        ) as committed_amount_next_year,
        sum(
            case
                when
                    extract(year from months.month) > run.current_year + 1
                    then months.committed_amount
                else 0
            end
        ) as committed_amount_later_years
    from {{ ref('int_measure_months') }} as months
    cross join {{ ref('int_run') }} as run
    group by months.measure_key
),

paid as (
    select
        costs.measure_key,
        sum(costs.amount) as paid_amount,
        sum(case when costs.year = run.current_year then costs.amount else 0 end) as paid_amount_this_year
    from {{ ref('int_costs') }} as costs
    cross join {{ ref('int_run') }} as run
    where costs.measure_key <> -1
    group by costs.measure_key
)

select
    measures.measure_key,
    measures.measure_id,
    measures.source_system,
    {{ date_key('measures.starts_on') }} as date_key,
    measures.child_key,
    measures.case_key,
    coalesce(types.measure_type_key, -1) as measure_type_key,
    measures.legal_basis_key,
    coalesce(providers.provider_key, -1) as provider_key,
    measures.account_key,
    coalesce(organisation.organisation_key, -1) as organisation_key,
    cast(-1 as bigint) as initiative_key,
    measures.status,
    measures.starts_on,
    measures.expected_end_on,
    measures.ended_on,
    measures.runs_to,
    measures.runs_to_rule,
    measures.end_reason,
    measures.unit,
    measures.unit_price,
    measures.units,
    coalesce(providers.sector, 'unknown') as sector,
    providers.in_own_municipality,
    measures.consent,
    measures.alternative_to_placement,
    measures.replaces_measure_id,
    cast(coalesce(committed.days, 0) as bigint) as days,
    cast(coalesce(committed.committed_amount, 0) as decimal(18, 2)) as committed_amount,
    cast(coalesce(committed.committed_amount_this_year, 0) as decimal(18, 2)) as committed_amount_this_year,
    cast(coalesce(committed.committed_amount_next_year, 0) as decimal(18, 2)) as committed_amount_next_year,
    cast(coalesce(committed.committed_amount_later_years, 0) as decimal(18, 2))
        as committed_amount_later_years,
    cast(coalesce(committed.expected_amount, 0) as decimal(18, 2)) as expected_amount,
    cast(coalesce(paid.paid_amount, 0) as decimal(18, 2)) as paid_amount,
    cast(coalesce(paid.paid_amount_this_year, 0) as decimal(18, 2)) as paid_amount_this_year,
    cast(
        coalesce(committed.committed_amount_this_year, 0) - coalesce(paid.paid_amount_this_year, 0)
        as decimal(18, 2)
    ) as remaining_amount_this_year,
    cast(
        coalesce(committed.committed_amount_next_year + committed.committed_amount_later_years, 0)
        as decimal(18, 2)
    ) as remaining_amount_next_years,
    measures.load_id
from {{ ref('int_measures') }} as measures
left join committed on measures.measure_key = committed.measure_key
left join paid on measures.measure_key = paid.measure_key
left join {{ ref('dim_measure_type') }} as types on measures.measure_type = types.measure_type
left join {{ ref('dim_provider') }} as providers
    on
        measures.provider_id = providers.provider_id
        and measures.starts_on between providers.valid_from and providers.valid_to
left join {{ ref('dim_organisation') }} as organisation
    on {{ surrogate_key(['measures.team', 'measures.caseworker_id']) }} = organisation.organisation_key
