-- Grain: one caseworker in one month (caseload_key), and per team the cases that nobody is named on.
-- A case counts for the caseworker who has it now (who closed it, where it is closed): who had it before is in
-- the history, not in the delivery. In the past, cases may so stand with someone who was not employed yet.
with cases as (
    select
        cases.month,
        coalesce(workers.team, cases.team) as team,
        cases.caseworker_id,
        count(*) as open_cases,
        count(distinct cases.person_id) as children
    from {{ ref('int_case_months') }} as cases
    left join {{ ref('int_caseworker_months') }} as workers
        on
            cases.caseworker_id = workers.caseworker_id
            and cases.month = workers.month
    group by cases.month, coalesce(workers.team, cases.team), cases.caseworker_id
),

named as (
    select
        month,
        team,
        caseworker_id
    from cases
    union distinct
    select
        month,
        team,
        caseworker_id
    from {{ ref('int_caseworker_months') }}
)

select
    {{ surrogate_key(['named.month', 'named.team', 'named.caseworker_id']) }} as caseload_key,
    named.month,
    {{ date_key('named.month') }} as date_key,
    coalesce(organisation.organisation_key, -1) as organisation_key,
    named.team,
    named.caseworker_id,
    cast(coalesce(cases.open_cases, 0) as integer) as open_cases,
    cast(coalesce(cases.children, 0) as integer) as children,
    cast(coalesce(workers.fte, 0) as decimal(18, 4)) as fte,
    cast(coalesce(cases.open_cases, 0) / nullif(workers.fte, 0) as decimal(18, 2)) as cases_per_fte
from named
left join cases
    on
        named.month = cases.month
        and coalesce(named.team, '~') = coalesce(cases.team, '~')
        and coalesce(named.caseworker_id, '~') = coalesce(cases.caseworker_id, '~')
left join {{ ref('int_caseworker_months') }} as workers
    on
        named.month = workers.month
        and named.caseworker_id = workers.caseworker_id
left join {{ ref('dim_organisation') }} as organisation
    on {{ surrogate_key(['named.team', 'named.caseworker_id']) }} = organisation.organisation_key
