-- Grain: one delivered posting (source_system, posting_id), with its month and what its account means.
with postings as (
    select
        *,
        -- Period 0 (before January) and 13 (after December) are the supplements of the accounting year.
        case
            when period = 0 then {{ first_of_month('year', 1) }}
            when period = 13 then {{ first_of_month('year', 12) }}
            when period between 1 and 12 then {{ first_of_month('year', 'period') }}
            when extract(year from posting_date) < year then {{ first_of_month('year', 1) }}
            when extract(year from posting_date) > year then {{ first_of_month('year', 12) }}
            else {{ month_start('posting_date') }}
        end as posting_month
    from {{ ref('stg_finance__postings') }}
)

select
    {{ surrogate_key(['postings.source_system', 'postings.posting_id']) }} as cost_key,
    postings.source_system,
    postings.posting_id,
    postings.posting_date,
    postings.posting_month,
    cast(postings.period as integer) as period,
    cast(postings.year as integer) as year,
    postings.amount,
    postings.person_id,
    postings.cvr,
    postings.measure_id,
    postings.account,
    postings.account_function,
    postings.account_grouping,
    postings.account_ownership,
    -- State refunds (dranst 2) are earned by a household, not bought for a measure.
    coalesce(postings.account_dranst, '1') <> '2' as can_be_of_a_measure,
    coalesce(accounts.account_key, -1) as account_key,
    coalesce(accounts.function, 'unknown') as function,
    coalesce(accounts.measure_type, 'unknown') as account_measure_type,
    postings.load_id
from postings
left join {{ ref('int_account_versions') }} as accounts
    on
        postings.account = accounts.account
        and postings.posting_month between accounts.valid_from and accounts.valid_to
