-- Grain: one measure of a posting that covers several (cost_key, measure_key), weighed by its invoice of the month.
-- A person's: all measures of the month together, where their prices add up to the amount. A provider's: all
-- measures of one type that no other posting of the month has told of; where they do not add up, all but one if
-- that does; else all of them, if the amount is near enough to their sum. One measure is a group of its own.
with passes as (
    select
        max(case when method = 'person_sum_month' then pass_order end) as person_order,
        max(case when method = 'provider_account_month' then pass_order end) as single_order,
        max(case when method = 'collective' then pass_order end) as collective_order
    from {{ ref('ref_match_passes') }}
),

limits as (
    select
        max(case when limit_name = 'match_sum_kroner' then limit_value end) as kroner,
        max(case when limit_name = 'match_sum_ratio_low' then limit_value end) as ratio_low,
        max(case when limit_name = 'match_sum_ratio_high' then limit_value end) as ratio_high
    from {{ ref('ref_quality_limits') }}
),

of_person as (
    select
        candidates.cost_key,
        candidates.measure_key,
        candidates.amount,
        prices.own_amount as weight,
        sum(prices.own_amount) over (partition by candidates.cost_key) as group_amount,
        count(*) over (partition by candidates.cost_key) as measures
    from {{ ref('int_cost_candidates') }} as candidates
    inner join {{ ref('int_cost_prices') }} as prices
        on candidates.measure_key = prices.measure_key and candidates.posting_month = prices.month
    where candidates.is_same_person and not candidates.is_other_provider
),

person_sums as (
    select
        of_person.cost_key,
        of_person.measure_key,
        'person_sum_month' as method,
        passes.person_order as pass_order,
        of_person.weight
    from of_person
    cross join limits
    cross join passes
    where of_person.measures > 1 and abs(of_person.amount - of_person.group_amount) <= limits.kroner
),

told as (
    select distinct
        ties.measure_key,
        postings.posting_month as month
    from {{ ref('int_cost_ties') }} as ties
    inner join {{ ref('int_postings') }} as postings on ties.cost_key = postings.cost_key
),

open_months as (
    select
        spans.cvr,
        measures.provider_id,
        spans.measure_type,
        prices.month,
        prices.measure_key,
        prices.type_amount as weight,
        sum(prices.type_amount) over (
            partition by spans.cvr, measures.provider_id, spans.measure_type, prices.month
        ) as group_amount
    from {{ ref('int_cost_prices') }} as prices
    inner join {{ ref('int_cost_spans') }} as spans on prices.measure_key = spans.measure_key
    inner join {{ ref('int_measures') }} as measures on prices.measure_key = measures.measure_key
    left join told on prices.measure_key = told.measure_key and prices.month = told.month
    where told.measure_key is null and spans.cvr is not null
),

wholes as (
    select
        cvr,
        provider_id,
        measure_type,
        month,
        cast(null as bigint) as left_out,
        max(group_amount) as group_amount
    from open_months
    group by cvr, provider_id, measure_type, month
    union all
    select
        cvr,
        provider_id,
        measure_type,
        month,
        measure_key as left_out,
        group_amount - weight as group_amount
    from open_months
    where group_amount > weight
),

collective as (
    select
        postings.cost_key,
        wholes.provider_id,
        wholes.measure_type,
        wholes.month,
        wholes.left_out,
        row_number() over (
            partition by postings.cost_key
            order by
                case
                    when abs(postings.amount - wholes.group_amount) > limits.kroner then 3
                    when wholes.left_out is null then 1
                    else 2
                end,
                abs(ln(cast(postings.amount as double) / cast(wholes.group_amount as double))),
                wholes.provider_id,
                wholes.left_out
        ) as place
    from {{ ref('int_postings') }} as postings
    cross join limits
    inner join wholes
        on
            postings.cvr = wholes.cvr
            and postings.account_measure_type = wholes.measure_type
            and postings.posting_month = wholes.month
            and postings.amount between wholes.group_amount * limits.ratio_low
            and wholes.group_amount * limits.ratio_high
            and (
                wholes.left_out is null
                or abs(postings.amount - wholes.group_amount) <= limits.kroner
            )
    left join {{ ref('int_cost_ties') }} as ties on postings.cost_key = ties.cost_key
    where
        postings.can_be_of_a_measure
        and postings.person_id is null
        and postings.amount > 0
        and wholes.group_amount > 0
        and ties.cost_key is null
),

divided as (
    select
        collective.cost_key,
        open_months.measure_key,
        open_months.weight,
        count(*) over (partition by collective.cost_key) as measures
    from collective
    inner join open_months
        on
            collective.provider_id = open_months.provider_id
            and collective.measure_type = open_months.measure_type
            and collective.month = open_months.month
            and (collective.left_out is null or collective.left_out <> open_months.measure_key)
    where collective.place = 1
)

select * from person_sums
union all
select
    divided.cost_key,
    divided.measure_key,
    case when divided.measures = 1 then 'provider_account_month' else 'collective' end as method,
    case when divided.measures = 1 then passes.single_order else passes.collective_order end as pass_order,
    divided.weight
from divided
cross join passes
