-- Grain: one posting that was tied to a measure (cost_key).
-- Declared passes, each on what the one before left: (1) the posting names the measure; (2) person and provider
-- have one measure running in the posting's month; (3) person and the account's measure type have one.
with postings as (
    select * from {{ ref('int_postings') }}
),

measures as (
    select
        measure_id,
        measure_key
    from {{ ref('int_measures') }}
    where is_measure_id_unique
),

running as (
    select
        measure_key,
        person_id,
        month,
        measure_type,
        cvr
    from {{ ref('int_measure_months') }}
    where commitment = 'granted'
),

one_per_provider as (
    select
        person_id,
        cvr,
        month,
        max(measure_key) as measure_key
    from running
    where cvr is not null
    group by person_id, cvr, month
    having count(*) = 1
),

one_per_type as (
    select
        person_id,
        measure_type,
        month,
        max(measure_key) as measure_key
    from running
    group by person_id, measure_type, month
    having count(*) = 1
),

passes as (
    select
        postings.cost_key,
        postings.posting_month,
        measures.measure_key as by_measure_id,
        one_per_provider.measure_key as by_provider,
        one_per_type.measure_key as by_account
    from postings
    left join measures on postings.measure_id = measures.measure_id
    left join one_per_provider
        on
            postings.person_id = one_per_provider.person_id
            and postings.cvr = one_per_provider.cvr
            and postings.posting_month = one_per_provider.month
    left join one_per_type
        on
            postings.person_id = one_per_type.person_id
            and postings.account_measure_type = one_per_type.measure_type
            and postings.posting_month = one_per_type.month
)

select
    cost_key,
    coalesce(by_measure_id, by_provider, by_account) as measure_key,
    case
        when by_measure_id is not null then 'measure_id'
        when by_provider is not null then 'person_provider_month'
        else 'person_account_month'
    end as match_method
from passes
where by_measure_id is not null or by_provider is not null or by_account is not null
