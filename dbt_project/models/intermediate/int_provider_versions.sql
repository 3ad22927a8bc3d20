-- Grain: one provider in one period (provider_id, valid_from); the periods follow each other without gap.
-- The first period reaches back to the beginning, the last one forward to the end: a measure of a provider
-- whose period was written too short still finds its provider.
with delivered as (
    select
        *,
        -- Two case systems may both know a provider's period: the newest delivery speaks.
        row_number() over (
            partition by provider_id, valid_from
            order by load_seq desc, source_system asc
        ) as recency
    from {{ ref('stg_cases__providers') }}
),

periods as (
    select
        delivered.*,
        lag(delivered.provider_id)
            over (partition by delivered.provider_id order by delivered.valid_from nulls first)
            as previous_provider_id,
        lead(delivered.valid_from)
            over (partition by delivered.provider_id order by delivered.valid_from nulls first)
            as next_valid_from
    from delivered
    where delivered.recency = 1
)

select
    {{ surrogate_key(['periods.provider_id', 'periods.valid_from']) }} as provider_key,
    periods.provider_id,
    -- A family's name identifies persons, and the placement with them.
    case
        when sectors.name_is_personal or types.is_foster_care
            then sectors.label_da || ' ' || periods.provider_id
        else periods.name
    end as provider_name,
    periods.cvr,
    periods.ownership,
    coalesce(sectors.sector, 'external') as sector,
    coalesce(types.measure_type, 'unknown') as measure_type,
    periods.municipality_code,
    periods.daily_rate,
    case
        when periods.previous_provider_id is null then {{ beginning_of_time() }}
        else periods.valid_from
    end as valid_from,
    coalesce({{ add_days('periods.next_valid_from', -1) }}, {{ end_of_time() }}) as valid_to
from periods
left join {{ ref('ref_sectors') }} as sectors on periods.ownership = sectors.ownership
left join {{ ref('ref_measure_types') }} as types on periods.measure_type = types.measure_type
