-- Grain: one cost in one month that it is for (int_refund_months), judged. Every posting is here, to the øre.
-- A cost is `eligible` where its account counts, its measure is not objectively financed, and the child is under 18 or
-- in after-care; it is `eligible_on_own_account` where that would hold if it were booked where its measure belongs.
with spread as (
    select * from {{ ref('int_refund_months') }}
),

person_months as (
    select distinct
        person_id,
        month
    from spread
    where person_id is not null
),

-- A placed child counts in the household that it belonged to when it was placed; a move is no new placement.
spells as (
    select
        person_id,
        starts_on,
        runs_to,
        max(case when is_start_of_placement then starts_on end)
            over (partition by person_id order by starts_on)
            as placed_on
    from {{ ref('int_placement_spells') }}
),

placed as (
    select
        person_months.person_id,
        person_months.month,
        min(coalesce(spells.placed_on, spells.starts_on)) as placed_on
    from person_months
    inner join spells
        on
            person_months.person_id = spells.person_id
            and {{ month_end('person_months.month') }} >= spells.starts_on
            and person_months.month <= spells.runs_to
    group by person_months.person_id, person_months.month
),

-- Under a measure of after-care that runs in the month, or that the cost itself is for.
after_care as (
    select
        person_months.person_id,
        person_months.month,
        topics.topic
    from person_months
    inner join {{ ref('int_measures') }} as measures
        on
            person_months.person_id = measures.person_id
            and {{ month_end('person_months.month') }} >= measures.starts_on
            and person_months.month <= measures.runs_to
    inner join {{ ref('int_legal_bases') }} as topics on measures.legal_basis_key = topics.legal_basis_key
    where
        measures.commitment = 'granted'
        and topics.topic in (select persons.topic from {{ ref('ref_refund_persons') }} as persons)
    union distinct
    select
        person_id,
        month,
        topic
    from spread
    where
        person_id is not null
        and topic in (select persons.topic from {{ ref('ref_refund_persons') }} as persons)
),

-- Only the month of birth is kept, so an age is reached at the end of that month.
aged as (
    select
        person_months.person_id,
        person_months.month,
        households.household_key,
        {{ dbt.datediff('children.birth_month', 'person_months.month', 'month') }} as months_old
    from person_months
    inner join {{ ref('int_children') }} as children on person_months.person_id = children.person_id
    left join placed
        on person_months.person_id = placed.person_id and person_months.month = placed.month
    inner join {{ ref('int_household_versions') }} as households
        on
            person_months.person_id = households.person_id
            and coalesce(placed.placed_on, {{ month_end('person_months.month') }})
            between households.valid_from and households.valid_to
),

pooled as (
    select
        aged.person_id,
        aged.month,
        min(case when persons.verified then 1 else 0 end) as is_verified
    from aged
    inner join {{ ref('ref_refund_persons') }} as persons
        on
            (aged.months_old is null or aged.months_old > 12 * persons.age_from or persons.age_from = 0)
            and coalesce(aged.months_old, 0) <= 12 * (persons.age_to + 1)
            and aged.month between persons.valid_from and coalesce(persons.valid_to, {{ end_of_time() }})
    left join after_care
        on
            aged.person_id = after_care.person_id
            and aged.month = after_care.month
            and persons.topic = after_care.topic
    where persons.topic is null or after_care.topic is not null
    group by aged.person_id, aged.month
),

home as (
    select
        function,
        treatment,
        valid_from,
        coalesce(valid_to, {{ end_of_time() }}) as valid_to
    from {{ ref('ref_refund_eligibility') }}
    where dranst is null and grouping is null
),

judged as (
    select
        spread.*,
        aged.household_key,
        pooled.person_id is not null as is_pooled,
        coalesce(pooled.is_verified = 1, true) as is_person_verified,
        case
            when spread.measure_key = -1 or spread.account_treatment = 'refund' then spread.account_treatment
            else coalesce(home.treatment, 'outside')
        end as home_treatment
    from spread
    left join aged on spread.person_id = aged.person_id and spread.month = aged.month
    left join pooled on spread.person_id = pooled.person_id and spread.month = pooled.month
    left join home
        on
            spread.measure_function = home.function
            and spread.month between home.valid_from and home.valid_to
)

select
    person_id,
    measure_key,
    coalesce(household_key, -1) as household_key,
    month,
    amount,
    is_one_off,
    account_treatment = 'income' as is_income,
    account_treatment = 'refund' as is_refund,
    household_key is not null
    and is_pooled
    and account_treatment in ('counts', 'income')
    and home_treatment in ('counts', 'income') as is_eligible,
    household_key is not null
    and is_pooled
    and home_treatment in ('counts', 'income') as is_eligible_on_own_account,
    is_account_verified and is_person_verified as is_eligibility_verified
from judged
