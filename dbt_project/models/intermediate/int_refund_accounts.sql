-- Grain: one account in one month in which something is booked on it (account_key, month), and what it is to the
-- refund scheme. What no line of the reference data names is `outside`: it does not count.
with booked as (
    select distinct
        account_key,
        posting_month as month
    from {{ ref('int_costs') }}
),

named as (
    select
        booked.account_key,
        booked.month,
        accounts.account_function,
        eligibility.treatment,
        eligibility.verified,
        row_number() over (
            partition by booked.account_key, booked.month
            order by
                case when eligibility.dranst is null then 0 else 1 end
                + case when eligibility.grouping is null then 0 else 1 end desc,
                eligibility.treatment
        ) as preference
    from booked
    inner join {{ ref('int_account_versions') }} as accounts on booked.account_key = accounts.account_key
    left join {{ ref('ref_refund_eligibility') }} as eligibility
        on
            accounts.account_function = eligibility.function
            and (eligibility.dranst is null or accounts.account_dranst = eligibility.dranst)
            and (eligibility.grouping is null or accounts.account_grouping = eligibility.grouping)
            and booked.month between eligibility.valid_from
            and coalesce(eligibility.valid_to, {{ end_of_time() }})
)

select
    account_key,
    month,
    coalesce(treatment, 'outside') as treatment,
    -- That an account outside the chart's known functions does not count is what the list says of nothing.
    coalesce(verified, account_function is null) as is_verified
from named
where preference = 1
