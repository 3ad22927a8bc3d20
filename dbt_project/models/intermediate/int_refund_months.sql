-- Grain: one cost of one person, measure and account in one month that it is for. Every posting is here, to the øre.
-- The ledger says when a cost was booked, the scheme asks which month it was for. What a measure has cost on an
-- account in a year is spread over the days that the measure ran in that year, to the month of its last posting: so
-- bills for a quarter, late invoices and corrections fall where they belong. What is paid once is spread evenly over
-- twelve months from its own. Booked refund, and what no running measure is known for, stays where it was booked.
with run as (
    select * from {{ ref('int_run') }}
),

costs as (
    select
        costs.person_id,
        costs.measure_key,
        costs.account_key,
        costs.posting_month,
        cast(extract(year from costs.posting_month) as integer) as year,
        costs.amount,
        coalesce(accounts.treatment, 'outside') as account_treatment,
        coalesce(accounts.is_verified, true) as is_account_verified,
        coalesce(measures.unit = 'once', false) as is_one_off,
        measures.function as measure_function,
        topics.topic
    from {{ ref('int_costs') }} as costs
    left join {{ ref('int_refund_accounts') }} as accounts
        on costs.account_key = accounts.account_key and costs.posting_month = accounts.month
    left join {{ ref('int_measures') }} as measures on costs.measure_key = measures.measure_key
    left join {{ ref('int_legal_bases') }} as topics on measures.legal_basis_key = topics.legal_basis_key
),

told as (
    select
        costs.measure_key,
        costs.year,
        max(costs.posting_month) as last_month
    from costs
    cross join run
    where
        costs.measure_key <> -1
        and not costs.is_one_off
        and costs.account_treatment <> 'refund'
        and costs.posting_month <= run.last_complete_month
    group by costs.measure_key, costs.year
),

running as (
    select
        told.measure_key,
        told.year,
        told.last_month,
        months.month,
        months.active_days,
        sum(months.active_days) over (partition by told.measure_key, told.year) as year_days,
        sum(months.active_days) over (partition by told.measure_key, told.year order by months.month)
            as days_until
    from told
    cross join run
    inner join {{ ref('int_measure_months') }} as months
        on
            told.measure_key = months.measure_key
            and told.year = cast(extract(year from months.month) as integer)
            and told.last_month >= months.month
    where months.active_days > 0 and months.month >= run.first_month
),

spread_years as (
    select distinct
        measure_key,
        year,
        last_month
    from running
),

placed as (
    select
        costs.*,
        not costs.is_one_off
        and costs.account_treatment <> 'refund'
        and spread_years.measure_key is not null
        and costs.posting_month <= spread_years.last_month as is_spread
    from costs
    left join spread_years
        on costs.measure_key = spread_years.measure_key and costs.year = spread_years.year
),

by_account as (
    select
        person_id,
        measure_key,
        account_key,
        year,
        account_treatment,
        is_account_verified,
        measure_function,
        topic,
        cast(sum(amount) * 100 as bigint) as oere
    from placed
    where is_spread
    group by
        person_id,
        measure_key,
        account_key,
        year,
        account_treatment,
        is_account_verified,
        measure_function,
        topic
),

twelve as (
    select month_number as part
    from {{ ref('ref_month_names') }}
)

-- Parts are differences of rounded running sums, so that they add up.
select
    by_account.person_id,
    by_account.measure_key,
    running.month,
    {{ from_oere(
        rounded('by_account.oere * running.days_until', 'running.year_days')
        ~ ' - ' ~ rounded('by_account.oere * (running.days_until - running.active_days)', 'running.year_days')
    ) }} as amount,
    by_account.account_treatment,
    by_account.is_account_verified,
    false as is_one_off,
    by_account.measure_function,
    by_account.topic
from by_account
inner join running
    on by_account.measure_key = running.measure_key and by_account.year = running.year
union all
select
    placed.person_id,
    placed.measure_key,
    {{ add_months('placed.posting_month', 'twelve.part - 1') }} as month,
    {{ from_oere(
        rounded('cast(placed.amount * 100 as bigint) * twelve.part', 12)
        ~ ' - ' ~ rounded('cast(placed.amount * 100 as bigint) * (twelve.part - 1)', 12)
    ) }} as amount,
    placed.account_treatment,
    placed.is_account_verified,
    placed.is_one_off,
    placed.measure_function,
    placed.topic
from placed
cross join twelve
where placed.is_one_off
union all
select
    person_id,
    measure_key,
    posting_month as month,
    amount,
    account_treatment,
    is_account_verified,
    is_one_off,
    measure_function,
    topic
from placed
where not is_one_off and not is_spread
