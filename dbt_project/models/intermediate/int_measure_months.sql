-- Grain: one measure in one month that it runs in (measure_key, month); drafts are not in it.
with running as (
    select
        measures.*,
        months.month,
        months.month_end,
        months.days_in_month,
        months.days_in_year,
        {{ days_inclusive(
            'greatest(measures.starts_on, months.month)', 'least(measures.runs_to, months.month_end)'
        ) }} as days,
        measures.runs_to >= months.month_end as is_active_at_month_end
    from {{ ref('int_measures') }} as measures
    inner join {{ ref('int_months') }} as months
        on
            measures.starts_on <= months.month_end
            and measures.runs_to >= months.month
    where measures.commitment <> 'draft' and measures.runs_to >= measures.starts_on
),

priced as (
    select
        running.*,
        {{ price_of_month(
            'running.unit', 'running.unit_price', 'running.units', 'running.days', 'running.month',
            'running.days_in_month', 'running.days_in_year', 'running.starts_on'
        ) }} as price_of_month
    from running
)

select
    priced.measure_key,
    priced.measure_id,
    priced.source_system,
    priced.person_id,
    priced.child_key,
    priced.case_key,
    priced.caseworker_id,
    priced.team,
    priced.account_key,
    priced.legal_basis_key,
    priced.measure_type,
    priced.category,
    priced.is_foster_care,
    priced.is_network_care,
    priced.function,
    coalesce(providers.provider_key, -1) as provider_key,
    providers.cvr,
    priced.commitment,
    priced.month,
    priced.starts_on,
    priced.runs_to,
    cast(case when priced.commitment = 'granted' then priced.days else 0 end as integer) as active_days,
    cast(case when priced.commitment = 'expected' then priced.days else 0 end as integer) as expected_days,
    priced.days_in_year,
    cast(
        case when priced.commitment = 'granted' then priced.days else 0 end
        / priced.days_in_year as decimal(18, 8)
    ) as full_year_persons,
    cast(
        case when priced.commitment = 'granted' then coalesce(priced.price_of_month, 0) else 0 end
        as decimal(18, 2)
    ) as committed_amount,
    cast(
        case when priced.commitment = 'expected' then coalesce(priced.price_of_month, 0) else 0 end
        as decimal(18, 2)
    ) as expected_amount,
    coalesce(providers.sector, 'unknown') as sector,
    providers.municipality_code = run.municipality_code as is_in_own_municipality,
    priced.commitment = 'granted' and priced.is_active_at_month_end as is_active_at_month_end,
    priced.month_end <= run.as_of as is_actual
from priced
cross join {{ ref('int_run') }} as run
left join {{ ref('int_provider_versions') }} as providers
    on
        priced.provider_id = providers.provider_id
        and greatest(priced.month, priced.starts_on) between providers.valid_from and providers.valid_to
