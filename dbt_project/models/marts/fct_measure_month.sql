-- Grain: one measure in one month that it runs in (measure_key, month). Drafts are not in it.
with paid as (
    select
        measure_key,
        service_month,
        sum(amount) as amount
    from {{ ref('int_cost_service_months') }}
    group by measure_key, service_month
)

select
    months.measure_key,
    months.month,
    {{ date_key('months.month') }} as date_key,
    months.child_key,
    months.case_key,
    coalesce(types.measure_type_key, -1) as measure_type_key,
    months.legal_basis_key,
    months.provider_key,
    months.account_key,
    coalesce(organisation.organisation_key, -1) as organisation_key,
    months.commitment,
    months.active_days,
    months.expected_days,
    months.full_year_persons,
    months.committed_amount,
    months.expected_amount,
    cast(coalesce(paid.amount, 0) as decimal(18, 2)) as paid_amount,
    cast(months.committed_amount - coalesce(paid.amount, 0) as decimal(18, 2)) as remaining_amount,
    months.sector,
    months.is_in_own_municipality as in_own_municipality,
    months.is_active_at_month_end,
    months.is_actual,
    months.month between run.first_activity_month and run.last_complete_month as is_in_complete_month,
    months.function as series_function,
    months.measure_type
from {{ ref('int_measure_months') }} as months
cross join {{ ref('int_run') }} as run
left join paid on months.measure_key = paid.measure_key and months.month = paid.service_month
left join {{ ref('dim_measure_type') }} as types on months.measure_type = types.measure_type
left join {{ ref('dim_organisation') }} as organisation
    on {{ surrogate_key(['months.team', 'months.caseworker_id']) }} = organisation.organisation_key
