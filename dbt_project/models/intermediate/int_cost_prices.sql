-- Grain: one granted measure in one month (measure_key, month), with what its invoice of the month should be.
-- A price in the case system is that of one year, and a service is not delivered alike all year. So the price is
-- held against the ledger: `own_amount` by what the measure's own invoices of the year came to against their
-- price, `type_amount` by what those of its type and price year came to in the month. Only months with one
-- single posting of about the price teach, and only sure ties.
with months as (
    select
        measure_key,
        measure_type,
        month,
        committed_amount,
        cast(extract(year from month) as integer) as year,
        cast(extract(year from max(month) over (partition by measure_key)) as integer) as price_year
    from {{ ref('int_measure_months') }}
    where commitment = 'granted' and committed_amount > 0
),

limits as (
    select
        max(case when limit_name = 'match_price_ratio_low' then limit_value end) as ratio_low,
        max(case when limit_name = 'match_price_ratio_high' then limit_value end) as ratio_high
    from {{ ref('ref_quality_limits') }}
),

taught as (
    select
        ties.measure_key,
        postings.posting_month as month,
        sum(postings.amount) as amount
    from {{ ref('int_cost_first_ties') }} as ties
    inner join {{ ref('int_postings') }} as postings on ties.cost_key = postings.cost_key
    inner join {{ ref('ref_match_passes') }} as passes on ties.method = passes.method
    where passes.by_measure_id or (passes.by_person and passes.by_account) or passes.by_provider
    group by ties.measure_key, postings.posting_month
    having count(*) = 1 and sum(postings.amount) > 0
),

ratios as (
    select
        months.measure_key,
        months.measure_type,
        months.month,
        months.year,
        months.price_year,
        cast(taught.amount as double) / cast(months.committed_amount as double) as ratio
    from months
    cross join limits
    inner join taught on months.measure_key = taught.measure_key and months.month = taught.month
    where
        taught.amount between months.committed_amount * limits.ratio_low
        and months.committed_amount * limits.ratio_high
),

of_measure as (
    select
        measure_key,
        year,
        median(ratio) as ratio
    from ratios
    group by measure_key, year
),

of_type as (
    select
        measure_type,
        price_year,
        month,
        median(ratio) as ratio
    from ratios
    group by measure_type, price_year, month
)

select
    months.measure_key,
    months.month,
    months.committed_amount,
    cast(
        months.committed_amount * coalesce(of_measure.ratio, of_type.ratio, 1) as decimal(18, 2)
    ) as own_amount,
    cast(
        months.committed_amount * coalesce(of_type.ratio, of_measure.ratio, 1) as decimal(18, 2)
    ) as type_amount
from months
left join of_measure on months.measure_key = of_measure.measure_key and months.year = of_measure.year
left join of_type
    on
        months.measure_type = of_type.measure_type
        and months.price_year = of_type.price_year
        and months.month = of_type.month
