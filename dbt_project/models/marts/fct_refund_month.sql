-- Grain: one household in one month (household_key, month); −1 is what no person is known for.
-- The state refunds a share of what a household costs in a month above 1/12 of each limit of the year (monthly
-- basis), or of what it has cost so far in the year above the limits (yearly basis). All income is deducted first.
with summed as (
    select
        household_key,
        month,
        cast(extract(year from month) as integer) as year,
        count(distinct case when is_eligible then person_id end) as children,
        sum(case when is_eligible then amount else 0 end) as eligible_cost,
        sum(case when is_eligible and is_income then amount else 0 end) as income_deducted,
        sum(case when is_eligible and is_one_off then amount else 0 end) as one_off_cost,
        sum(case when not is_eligible and not is_refund then amount else 0 end) as cost_not_eligible,
        sum(case when is_eligible_on_own_account then amount else 0 end) as cost_on_own_account,
        -sum(case when is_refund then amount else 0 end) as booked_refund,
        min(case when is_eligible and not is_eligibility_verified then 0 else 1 end)
            as is_eligibility_verified
    from {{ ref('int_refund_costs') }}
    group by household_key, month
),

running as (
    select
        summed.*,
        cast(summed.eligible_cost * 100 as bigint) as month_oere,
        cast(summed.cost_on_own_account * 100 as bigint) as own_month_oere,
        cast(
            100 * sum(summed.eligible_cost)
                over (partition by summed.household_key, summed.year order by summed.month)
            as bigint
        ) as year_oere,
        cast(
            100 * sum(summed.cost_on_own_account)
                over (partition by summed.household_key, summed.year order by summed.month)
            as bigint
        ) as own_year_oere
    from summed
),

-- All in twelfths of an øre, so that nothing is rounded before the refund is. No one is known: no refund.
measured as (
    select
        running.household_key,
        running.month,
        running.year,
        limits.tier,
        limits.limit_oere,
        limits.rate_basis_points,
        limits.basis,
        limits.is_limit_verified,
        limits.is_basis_verified,
        limits.limit_oere * case when limits.basis = 'yearly' then 12 else 1 end as lower_twelfths,
        limits.next_limit_oere * case when limits.basis = 'yearly' then 12 else 1 end as upper_twelfths,
        12 * case when limits.basis = 'yearly' then running.year_oere else running.month_oere end
            as cost_twelfths,
        12 * case when limits.basis = 'yearly' then running.own_year_oere else running.own_month_oere end
            as own_cost_twelfths
    from running
    inner join {{ ref('int_refund_limits') }} as limits on running.year = limits.year
    where running.household_key <> -1
),

refunded as (
    select
        measured.*,
        {{ refund_oere('cost_twelfths', 'lower_twelfths', 'upper_twelfths', 'rate_basis_points') }}
            as refund_oere,
        {{ refund_oere('own_cost_twelfths', 'lower_twelfths', 'upper_twelfths', 'rate_basis_points') }}
            as own_refund_oere
    from measured
),

-- On a yearly basis a month's refund is what it adds to the year's.
monthly as (
    select
        household_key,
        month,
        tier,
        limit_oere,
        is_limit_verified,
        is_basis_verified,
        refund_oere - case
            when basis = 'yearly'
                then coalesce(
                    lag(refund_oere) over (partition by household_key, year, tier order by month), 0
                )
            else 0
        end as refund_oere,
        own_refund_oere - case
            when basis = 'yearly'
                then coalesce(
                    lag(own_refund_oere) over (partition by household_key, year, tier order by month), 0
                )
            else 0
        end as own_refund_oere
    from refunded
),

by_household as (
    select
        household_key,
        month,
        max(case when tier = 1 then limit_oere end) as limit_1_oere,
        max(case when tier = 2 then limit_oere end) as limit_2_oere,
        max(case when tier = 3 then limit_oere end) as limit_3_oere,
        sum(case when tier = 1 then refund_oere else 0 end) as refund_1_oere,
        sum(case when tier = 2 then refund_oere else 0 end) as refund_2_oere,
        sum(case when tier = 3 then refund_oere else 0 end) as refund_3_oere,
        sum(refund_oere) as refund_oere,
        sum(own_refund_oere) as own_refund_oere,
        min(case when is_limit_verified then 1 else 0 end) as is_limit_verified,
        min(case when is_basis_verified then 1 else 0 end) as is_basis_verified
    from monthly
    group by household_key, month
)

select
    running.household_key,
    {{ date_key('running.month') }} as date_key,
    running.month,
    running.year,
    cast(running.children as integer) as children,
    cast(running.eligible_cost as decimal(18, 2)) as eligible_cost,
    cast(running.income_deducted as decimal(18, 2)) as income_deducted,
    cast(running.one_off_cost as decimal(18, 2)) as one_off_cost,
    cast(running.cost_not_eligible as decimal(18, 2)) as cost_not_eligible,
    {{ from_oere(rounded('by_household.limit_1_oere', 12)) }} as threshold_1,
    {{ from_oere(rounded('by_household.limit_2_oere', 12)) }} as threshold_2,
    {{ from_oere(rounded('by_household.limit_3_oere', 12)) }} as threshold_3,
    {{ from_oere('coalesce(by_household.refund_1_oere, 0)') }} as refund_tier_1,
    {{ from_oere('coalesce(by_household.refund_2_oere, 0)') }} as refund_tier_2,
    {{ from_oere('coalesce(by_household.refund_3_oere, 0)') }} as refund_tier_3,
    {{ from_oere('coalesce(by_household.refund_oere, 0)') }} as expected_refund,
    cast(running.booked_refund as decimal(18, 2)) as booked_refund,
    cast(
        {{ from_oere('coalesce(by_household.refund_oere, 0)') }} - running.booked_refund as decimal(18, 2)
    ) as unclaimed_refund,
    cast(running.cost_on_own_account as decimal(18, 2)) as cost_on_own_account,
    {{ from_oere('coalesce(by_household.own_refund_oere - by_household.refund_oere, 0)') }}
        as lost_to_wrong_account,
    coalesce(by_household.is_limit_verified = 1, false) as is_limit_verified,
    coalesce(by_household.is_basis_verified = 1, false) as is_basis_verified,
    running.is_eligibility_verified = 1 as is_eligibility_verified
from running
left join by_household
    on
        running.household_key = by_household.household_key
        and running.month = by_household.month
