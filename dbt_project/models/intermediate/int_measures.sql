-- Grain: one measure (source_system, measure_id), with what it is, how long it runs and what it costs.
-- Commitment rules: a draft is no commitment; granted and ended measures are; expected ones stand beside them.
-- A measure runs to its end, else its expected end, else the child's age limit, else the end of next year; a
-- granted one that nobody has ended still runs on as_of, also where its expected end has passed.
with barnets_lov as (
    select min(valid_from) as in_force_on
    from {{ ref('int_legal_bases') }}
    where law = 'BL'
),

typed as (
    select
        measures.*,
        cases.case_key,
        cases.caseworker_id,
        cases.team,
        children.birth_month,
        coalesce(accounts.account_key, -1) as account_key,
        coalesce(children.child_key, -1) as child_key,
        coalesce(own_type.measure_type, nullif(accounts.measure_type, 'unknown'), 'unknown')
            as clean_measure_type,
        nullif(accounts.function, 'unknown') as account_series_function,
        case when measures.starts_on < barnets_lov.in_force_on then 'SEL' else 'BL' end as default_law,
        count(*) over (partition by measures.measure_id) as measures_with_this_id
    from {{ ref('stg_cases__measures') }} as measures
    cross join barnets_lov
    left join {{ ref('int_cases') }} as cases on measures.case_id = cases.case_id
    left join {{ ref('int_children') }} as children on measures.person_id = children.person_id
    left join {{ ref('int_measure_types') }} as own_type on measures.measure_type = own_type.measure_type
    left join {{ ref('int_account_versions') }} as accounts
        on
            measures.account = accounts.account
            and measures.starts_on between accounts.valid_from and accounts.valid_to
),

aged as (
    select
        typed.*,
        run.as_of,
        types.category,
        types.function as home_function,
        coalesce(types.is_foster_care, false) as is_foster_care,
        coalesce(types.is_network_care, false) as is_network_care,
        -- Only the month of birth is kept, so the limit is reached at the end of that month.
        {{ month_end(add_months('typed.birth_month', '12 * types.age_limit')) }} as age_limit_on,
        make_date(run.current_year + 1, 12, 31) as next_year_end
    from typed
    cross join {{ ref('int_run') }} as run
    left join {{ ref('int_measure_types') }} as types on typed.clean_measure_type = types.measure_type
),

limited as (
    select
        *,
        coalesce(
            expected_end_on,
            case when age_limit_on >= starts_on then age_limit_on end,
            greatest(next_year_end, starts_on)
        ) as planned_end_on
    from aged
)

select
    {{ surrogate_key(['limited.source_system', 'limited.measure_id']) }} as measure_key,
    limited.source_system,
    limited.measure_id,
    limited.case_id,
    limited.person_id,
    limited.child_key,
    coalesce(limited.case_key, -1) as case_key,
    limited.caseworker_id,
    limited.team,
    limited.account_key,
    limited.legal_basis,
    coalesce(bases.legal_basis_key, -1) as legal_basis_key,
    limited.clean_measure_type as measure_type,
    limited.category,
    limited.is_foster_care,
    limited.is_network_care,
    -- Where its cost is expected: its own account's function, else the function that its type belongs to.
    coalesce(limited.account_series_function, limited.home_function, 'unknown') as function,
    limited.provider_id,
    case
        when limited.status = 'draft' then 'draft'
        when limited.status = 'expected' then 'expected'
        else 'granted'
    end as commitment,
    coalesce(limited.status, 'granted') as status,
    limited.starts_on,
    limited.expected_end_on,
    limited.age_limit_on,
    limited.ended_on,
    limited.end_reason,
    {{ measure_runs_to('limited', 'limited.as_of') }} as runs_to,
    -- What decides the day that it runs to.
    case
        when limited.ended_on is not null then 'ended'
        when limited.expected_end_on >= limited.as_of then 'expected_end'
        when limited.expected_end_on is not null then 'past_expected_end'
        when limited.age_limit_on >= limited.starts_on then 'age_limit'
        else 'open'
    end as runs_to_rule,
    limited.unit,
    limited.unit_price,
    coalesce(limited.units, 1) as units,
    limited.consent,
    limited.replaces_measure_id,
    limited.alternative_to_placement,
    limited.measures_with_this_id = 1 as is_measure_id_unique,
    limited.load_id
from limited
left join {{ ref('int_legal_basis_map') }} as bases
    on
        limited.legal_basis = bases.written_basis
        and limited.default_law = bases.default_law
