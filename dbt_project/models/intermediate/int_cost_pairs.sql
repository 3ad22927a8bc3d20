-- Grain: one posting that takes back an earlier one (cost_key): the same amount with the opposite sign, by the
-- same person, provider and account; then, of what is left, by those of them that are written on both.
{%- set columns = ['person_id', 'cvr', 'measure_id'] %}
{%- set account = ['account_function', 'account_grouping'] %}
with both_signs as (
    select
        function,
        abs(amount) as size
    from {{ ref('int_postings') }}
    where can_be_of_a_measure and amount <> 0
    group by function, abs(amount)
    having min(amount) < 0 and max(amount) > 0
),

postings as (
    select
        postings.cost_key,
        postings.posting_id,
        postings.posting_date,
        postings.person_id,
        postings.cvr,
        postings.measure_id,
        postings.account_function,
        postings.account_grouping,
        postings.amount,
        both_signs.size,
        passes.months_late as months
    from {{ ref('int_postings') }} as postings
    inner join both_signs
        on postings.function = both_signs.function and abs(postings.amount) = both_signs.size
    inner join {{ ref('ref_match_passes') }} as passes on passes.method = 'correction'
    where postings.can_be_of_a_measure
),

by_provider as (
    {{ reversals('postings', ['person_id', 'cvr'] + account, columns, 'months') }}
),

left_by_provider as (
    select postings.*
    from postings
    left join by_provider as taking on postings.cost_key = taking.cost_key
    left join by_provider as taken on postings.cost_key = taken.corrects_cost_key
    where taking.cost_key is null and taken.cost_key is null
),

by_person as (
    {{ reversals('left_by_provider', ['person_id'] + account, columns, 'months') }}
),

left_by_person as (
    select postings.*
    from left_by_provider as postings
    left join by_person as taking on postings.cost_key = taking.cost_key
    left join by_person as taken on postings.cost_key = taken.corrects_cost_key
    where taking.cost_key is null and taken.cost_key is null
),

by_account as (
    {{ reversals('left_by_person', account, columns, 'months') }}
)

select * from by_provider
union all
select * from by_person
union all
select * from by_account
