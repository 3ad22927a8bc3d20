-- Grain: one part of a booked share of a measure by the month it pays for (cost_key, service_month).
-- A posting pays for its own month, the one nearest to the month's price first. A bill of several months, and what
-- is left, pays for earlier months that nothing paid for, the newest first: months open a level and postings close
-- it, as in the macro reversals. What takes back a posting, and what is taken back, are of the latter's month.
{%- set months_back = 12 %}
with costs as (
    select
        costs.cost_key,
        costs.posting_key,
        costs.posting_id,
        costs.measure_key,
        costs.person_id,
        costs.posting_month,
        costs.period,
        costs.amount,
        taken_back.posting_month as taken_back_month,
        taking.cost_key is not null or taken_back.cost_key is not null as is_taken_back,
        prices.own_amount as price,
        prices.measure_key is not null as is_in_priced_month
    from {{ ref('int_costs') }} as costs
    cross join {{ ref('int_run') }} as run
    left join {{ ref('int_cost_pairs') }} as taking on costs.posting_key = taking.corrects_cost_key
    left join {{ ref('int_cost_pairs') }} as pairs on costs.posting_key = pairs.cost_key
    left join {{ ref('int_postings') }} as taken_back on pairs.corrects_cost_key = taken_back.cost_key
    left join {{ ref('int_cost_prices') }} as prices
        on costs.measure_key = prices.measure_key and costs.posting_month = prices.month
    where
        costs.measure_key <> -1
        and costs.posting_date <= run.as_of
        and costs.posting_month <= run.as_of
),

typical as (
    select
        measure_key,
        median(own_amount) as price
    from {{ ref('int_cost_prices') }}
    group by measure_key
),

ranked as (
    select
        costs.*,
        -- How many months' price it is: a bill of a quarter is three.
        case
            when typical.price > 0
                then cast(
                    round(
                        least(
                            cast(costs.amount as double) / coalesce(costs.price, typical.price),
                            {{ months_back }}
                        )
                    ) as integer
                )
            else 1
        end as months_paid,
        row_number() over (
            partition by costs.measure_key, costs.posting_month
            order by
                case when costs.amount > 0 and not costs.is_taken_back then 0 else 1 end,
                abs(costs.amount - coalesce(costs.price, 0)),
                costs.posting_id
        ) as place
    from costs
    left join typical on costs.measure_key = typical.measure_key
),

kinds as (
    select
        *,
        case
            when is_taken_back or amount <= 0 then 'apart'
            when months_paid > 1 then 'bill'
            when place = 1 and is_in_priced_month then 'month'
            else 'left'
        end as kind
    from ranked
),

unpaid as (
    select
        prices.measure_key,
        prices.month,
        prices.own_amount
    from {{ ref('int_cost_prices') }} as prices
    cross join {{ ref('int_run') }} as run
    left join kinds
        on
            kinds.kind = 'month'
            and prices.measure_key = kinds.measure_key
            and prices.month = kinds.posting_month
    where kinds.cost_key is null and prices.month between run.first_month and run.as_of
),

numbers as (
    {%- for number in range(1, months_back + 1) %}
        select {{ number }} as unit {{ "union all" if not loop.last }}
    {%- endfor %}
),

events as (
    select
        measure_key,
        cast(null as bigint) as cost_key,
        month,
        own_amount,
        -- A bill is of months before its own, except in the supplement after December.
        1 as place_in_month,
        1 as step,
        0 as unit
    from unpaid
    union all
    select
        kinds.measure_key,
        kinds.cost_key,
        kinds.posting_month as month,
        cast(null as decimal(18, 2)) as own_amount,
        case when kinds.kind = 'bill' and coalesce(kinds.period, 0) <> 13 then 0 else 2 end as place_in_month,
        -1 as step,
        numbers.unit
    from kinds
    inner join numbers on numbers.unit <= greatest(kinds.months_paid, 1)
    where kinds.kind in ('bill', 'left')
),

levels as (
    select
        *,
        sum(step) over (
            partition by measure_key
            order by month asc, place_in_month asc, cost_key asc, unit asc
            rows between unbounded preceding and current row
        ) + case when step = 1 then 0 else 1 end as depth
    from events
),

neighbours as (
    select
        *,
        lag(month) over (
            partition by measure_key, depth
            order by month asc, place_in_month asc, cost_key asc, unit asc
        ) as month_before,
        lag(step) over (
            partition by measure_key, depth
            order by month asc, place_in_month asc, cost_key asc, unit asc
        ) as step_before,
        lag(own_amount) over (
            partition by measure_key, depth
            order by month asc, place_in_month asc, cost_key asc, unit asc
        ) as price_before
    from levels
),

paid_later as (
    select
        neighbours.cost_key,
        neighbours.month_before as service_month,
        neighbours.price_before,
        kinds.amount
    from neighbours
    inner join kinds on neighbours.cost_key = kinds.cost_key
    where
        neighbours.step = -1
        and neighbours.step_before = 1
        and neighbours.month <= {{ add_months('neighbours.month_before', months_back) }}
),

divided as (
    {{ allocate('paid_later', ['cost_key'], 'service_month', 'amount', 'price_before') }}
)

select
    kinds.cost_key,
    kinds.measure_key,
    kinds.posting_month,
    coalesce(divided.service_month, kinds.taken_back_month, kinds.posting_month) as service_month,
    coalesce(divided.share_amount, kinds.amount) as amount,
    -- An amount that is booked once more in the same month, and pays for no other.
    kinds.kind = 'left'
    and divided.cost_key is null
    and count(*) over (partition by kinds.measure_key, kinds.posting_month, kinds.amount) > 1 as is_double,
    kinds.kind = 'apart' and not kinds.is_taken_back as is_income
from kinds
left join divided on kinds.cost_key = divided.cost_key
