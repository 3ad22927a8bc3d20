-- Every posting is in fct_refund_month: what counts and what does not, less the booked refund, is the ledger; and the
-- tiers are the expected refund.
with ledger as (
    select coalesce(sum(amount), 0) as amount
    from {{ ref('fct_cost') }}
),

refunds as (
    select
        coalesce(sum(eligible_cost + cost_not_eligible - booked_refund), 0) as amount,
        coalesce(sum(expected_refund - refund_tier_1 - refund_tier_2 - refund_tier_3), 0) as untold
    from {{ ref('fct_refund_month') }}
)

select
    ledger.amount as ledger_amount,
    refunds.amount as refund_amount,
    refunds.untold
from ledger
cross join refunds
where ledger.amount <> refunds.amount or refunds.untold <> 0
