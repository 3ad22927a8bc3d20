-- Grain: one posting that a pass ties to exactly one measure by what its invoice should be (cost_key, method).
-- The amount is the join: to the krone, with its neighbour where rounding could fall either way. Of the months
-- near the posting's, one that no posting has told of goes before one that is paid, then the nearest. A bill of a
-- whole quarter stands beside those of its months.
with invoices as (
    select
        measure_key,
        month,
        own_amount,
        type_amount
    from {{ ref('int_cost_prices') }}
    union all
    select
        measure_key,
        max(month) as month,
        sum(own_amount) as own_amount,
        sum(type_amount) as type_amount
    from {{ ref('int_cost_prices') }}
    group by measure_key, {{ dbt.date_trunc('quarter', 'month') }}
    having count(*) > 1
),

kroner as (
    {%- for column in ['own_amount', 'type_amount'] %}
        {%- for shift in [-0.25, 0.25] %}
            select
                measure_key,
                month,
                cast(round({{ column }} + {{ shift }}) as bigint) as kroner
            from invoices
            {{ "union all" if not loop.last }}
        {%- endfor %}
        {{ "union all" if not loop.last }}
    {%- endfor %}
),

distinct_prices as (
    select distinct
        kroner.measure_key,
        kroner.month,
        spans.person_id,
        spans.cvr,
        spans.measure_type,
        kroner.kroner
    from kroner
    inner join {{ ref('int_cost_spans') }} as spans on kroner.measure_key = spans.measure_key
    where kroner.kroner > 0
),

shared as (
    select
        *,
        count(*) over (partition by cvr, kroner, month) as in_month_at_provider,
        count(*) over (partition by measure_type, kroner, month) as in_month_in_type
    from distinct_prices
),

-- A price that many share in some month tells nothing in any, and would be joined with every posting of it.
prices as (
    select
        *,
        max(in_month_at_provider) over (partition by cvr, kroner) as shared_at_provider,
        max(in_month_in_type) over (partition by measure_type, kroner) as shared_in_type
    from shared
),

limits as (
    select max(limit_value) as shared_by
    from {{ ref('ref_quality_limits') }}
    where limit_name = 'match_price_shared_by'
),

paid as (
    select distinct
        ties.measure_key,
        postings.posting_month as month
    from {{ ref('int_cost_first_ties') }} as ties
    inner join {{ ref('int_postings') }} as postings on ties.cost_key = postings.cost_key
),

untied as (
    select
        postings.cost_key,
        postings.posting_month,
        postings.person_id,
        postings.cvr,
        postings.account_measure_type,
        cast(round(postings.amount) as bigint) as kroner,
        coalesce(ties.pass_order, 9999) as tied_in
    from {{ ref('int_postings') }} as postings
    left join {{ ref('int_cost_first_ties') }} as ties on postings.cost_key = ties.cost_key
    where postings.can_be_of_a_measure and postings.amount > 0
),

{%- set keys = {
    'person_amount_near': ['untied.person_id = prices.person_id'],
    'provider_amount_near': ['untied.cvr = prices.cvr', 'prices.shared_at_provider <= limits.shared_by'],
    'account_amount_near': [
        'untied.account_measure_type = prices.measure_type', 'prices.shared_in_type <= limits.shared_by'
    ]
} %}

found as (
    {%- for method, conditions in keys.items() %}
        select
            untied.cost_key,
            prices.measure_key,
            passes.method,
            passes.pass_order,
            rank() over (
                partition by untied.cost_key
                order by
                    case when untied.account_measure_type = prices.measure_type then 0 else 1 end,
                    case when paid.measure_key is null then 0 else 1 end,
                    abs({{ dbt.datediff('prices.month', 'untied.posting_month', 'month') }})
            ) as nearness
        from untied
        cross join limits
        inner join {{ ref('ref_match_passes') }} as passes
            on passes.method = '{{ method }}' and untied.tied_in > passes.pass_order
        inner join prices
            on
                untied.kroner = prices.kroner
                {%- for condition in conditions %}
                    and {{ condition }}
                {%- endfor %}
                and prices.month between {{ add_months('untied.posting_month', '-passes.months_late') }}
                and {{ add_months('untied.posting_month', 'passes.months_early') }}
        left join paid on prices.measure_key = paid.measure_key and prices.month = paid.month
        where
            coalesce(untied.person_id = prices.person_id, true)
            and coalesce(untied.cvr = prices.cvr, true)
        {{ "union all" if not loop.last }}
    {%- endfor %}
)

select
    cost_key,
    method,
    min(pass_order) as pass_order,
    min(measure_key) as measure_key
from found
where nearness = 1
group by cost_key, method
having count(distinct measure_key) = 1
