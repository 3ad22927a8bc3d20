-- The sum of fct_budget equals the sum of the delivered budget lines that hold now, per year, account and version.
{%- set key = ['year', 'account', 'version', 'decided_on'] %}
{%- set slices = [['year'], ['year', 'version']] %}
with expected as (
    select
        year,
        account,
        version,
        sum(amount) as amount
    from (
        {{ rows_that_hold('budget', key, slices) }}
    ) as held
    group by year, account, version
),

found as (
    select
        budget.year,
        accounts.account,
        budget.version,
        sum(budget.amount) as amount
    from {{ ref('fct_budget') }} as budget
    left join {{ ref('dim_account') }} as accounts on budget.account_key = accounts.account_key
    group by budget.year, accounts.account, budget.version
)

select
    coalesce(expected.year, found.year) as year,
    coalesce(expected.account, found.account) as account,
    coalesce(expected.version, found.version) as version,
    expected.amount as delivered_amount,
    found.amount as fact_amount
from expected
full outer join found
    on
        expected.year = found.year
        and expected.account = found.account
        and expected.version = found.version
where coalesce(expected.amount, 0) <> coalesce(found.amount, 0)
