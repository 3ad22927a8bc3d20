-- Grain: one year (year) in which refund was lost to costs booked on accounts that do not count.
with run as (
    select * from {{ ref('int_run') }}
),

months as (
    select
        months.month,
        months.year
    from {{ ref('int_months') }} as months
    cross join run
    where months.month between run.first_month and run.last_complete_month
),

lost as (
    select
        refunds.household_key,
        refunds.month,
        refunds.year,
        refunds.cost_on_own_account - refunds.eligible_cost as cost_on_wrong_account,
        refunds.lost_to_wrong_account
    from {{ ref('fct_refund_month') }} as refunds
    inner join months on refunds.month = months.month
    where refunds.lost_to_wrong_account <> 0
),

persons as (
    select
        lost.year,
        count(distinct costs.person_id) as children
    from lost
    inner join {{ ref('int_refund_costs') }} as costs
        on lost.household_key = costs.household_key and lost.month = costs.month
    where costs.is_eligible_on_own_account and not costs.is_eligible
    group by lost.year
),

by_household as (
    select
        year,
        household_key,
        sum(cost_on_wrong_account) as cost_on_wrong_account,
        sum(lost_to_wrong_account) as lost_to_wrong_account
    from lost
    group by year, household_key
),

by_year as (
    select
        year,
        count(household_key) as households,
        sum(cost_on_wrong_account) as cost_on_wrong_account,
        sum(lost_to_wrong_account) as lost_to_wrong_account,
        max(lost_to_wrong_account) as largest_lost
    from by_household
    group by year
),

{{ refund_rules_verified('year') }}

select
    by_year.year,
    cast(by_year.households as integer) as households,
    cast(persons.children as integer) as children,
    cast(
        case
            when by_year.lost_to_wrong_account > 0 then by_year.largest_lost / by_year.lost_to_wrong_account
        end
        as decimal(9, 4)
    ) as largest_household_share,
    cast(by_year.cost_on_wrong_account as decimal(18, 2)) as cost_on_wrong_account,
    cast(by_year.lost_to_wrong_account as decimal(18, 2)) as lost_to_wrong_account,
    verified.is_limit_verified = 1 as is_limit_verified,
    verified.is_basis_verified = 1 as is_basis_verified,
    verified.is_eligibility_verified = 1 as is_eligibility_verified,
    false as suppressed
from by_year
inner join persons on by_year.year = persons.year
inner join verified on by_year.year = verified.year
