-- Grain: one person that any feed names (person_id); attributes are null where only the ledger knows them.
with named as (
    select person_id from {{ ref('stg_cases__children') }}
    union distinct
    select person_id from {{ ref('stg_cases__cases') }}
    union distinct
    select person_id from {{ ref('stg_cases__measures') }}
    union distinct
    select person_id from {{ ref('stg_cases__notifications') }}
    union distinct
    select person_id from {{ ref('stg_finance__postings') }}
),

delivered as (
    select
        *,
        row_number() over (partition by person_id order by load_seq desc, source_system asc) as recency
    from {{ ref('stg_cases__children') }}
),

-- Where one of a household is protected, the others' district would tell where all of them live.
protected_households as (
    select distinct household_id
    from delivered
    where recency = 1 and address_protected and household_id is not null
)

select
    {{ surrogate_key(['named.person_id']) }} as child_key,
    named.person_id,
    delivered.birth_month,
    delivered.sex,
    coalesce(delivered.address_protected, false) or protected_households.household_id is not null
        as is_place_protected,
    case
        when
            not coalesce(delivered.address_protected, false) and protected_households.household_id is null
            then delivered.district
    end as district,
    delivered.household_id,
    delivered.person_id is not null as is_in_case_system
from named
left join delivered on named.person_id = delivered.person_id and delivered.recency = 1
left join protected_households on delivered.household_id = protected_households.household_id
where named.person_id is not null
