-- Grain: one year, measure type and sector (year, measure_type, sector): why the actual is not the budget.
-- Only years that have a budget or an order plan. The running year is to the last complete month, its budget by days.
-- Budget: volume and price of the order plan; what the ledger's adjusted budget of the type holds beyond its plan
-- (or lacks) has no sector, and stands in the type's row `unknown`. So the rows of a type add up to the ledger.
-- Volume and mix: (Q1 - Q0) * P0. Its part that leaves the composition of the category as planned is the volume
-- effect, the rest is mix. Price: everything else, which is (P1 - P0) * Q1 and the rounding of the others.
with run as (
    select
        *,
        {{ month_end('last_complete_month') }} as last_complete_day,
        cast(extract(year from last_complete_month) as integer) as last_year
    from {{ ref('int_run') }}
),

planned as (
    select
        year,
        measure_type,
        sector,
        planned_full_year_persons as persons,
        planned_unit_price as unit_price,
        planned_amount as amount
    from {{ ref('fct_order_plan') }}
    where planned_full_year_persons is not null
),

ledger_budget as (
    select
        year,
        measure_type,
        sum(amount) as amount
    from {{ ref('int_budget_lines') }}
    where is_in_force
    group by year, measure_type
),

years as (
    select
        budgeted.year,
        cast({{ days_in_year('make_date(budgeted.year, 1, 1)') }} as integer) as days_in_year,
        cast(
            case
                when budgeted.year < run.last_year
                    then {{ days_in_year('make_date(budgeted.year, 1, 1)') }}
                else {{ days_inclusive('make_date(budgeted.year, 1, 1)', 'run.last_complete_day') }}
            end as integer
        ) as days_elapsed
    from (
        select year from planned
        union distinct
        select year from ledger_budget
    ) as budgeted
    inner join run on budgeted.year <= run.last_year
),

measured as (
    select
        cast(extract(year from months.month) as integer) as year,
        months.measure_type,
        months.sector,
        cast(sum(months.active_days) * 1.0 / max(months.days_in_year) as decimal(28, 8)) as persons
    from {{ ref('int_measure_months') }} as months
    cross join run
    where months.month <= run.last_complete_month
    group by extract(year from months.month), months.measure_type, months.sector
    having sum(months.active_days) > 0
),

booked as (
    select
        costs.year,
        costs.measure_type,
        costs.sector,
        sum(costs.amount) as amount
    from {{ ref('fct_cost') }} as costs
    cross join run
    where costs.posting_month <= run.last_complete_month and costs.posting_date <= run.as_of
    group by costs.year, costs.measure_type, costs.sector
),

planned_to_date as (
    select
        planned.year,
        planned.measure_type,
        planned.sector,
        planned.unit_price,
        cast(planned.persons * years.days_elapsed / years.days_in_year as decimal(28, 8)) as persons,
        cast(planned.amount * years.days_elapsed / years.days_in_year as decimal(18, 2)) as amount
    from planned
    inner join years on planned.year = years.year
),

planned_types as (
    select
        year,
        measure_type,
        sum(amount) as amount,
        cast(sum(amount) / nullif(sum(persons), 0) as decimal(18, 2)) as unit_price
    from planned_to_date
    group by year, measure_type
),

-- In a year that the ledger has no budget of, the order plan is the budget.
beyond_plan as (
    select
        types.year,
        types.measure_type,
        'unknown' as sector,
        cast(coalesce(ledger.amount, 0) * years.days_elapsed / years.days_in_year as decimal(18, 2))
        - coalesce(in_plan.amount, 0) as amount
    from (
        select
            year,
            measure_type
        from planned_types
        where year in (select ledger_years.year from ledger_budget as ledger_years)
        union distinct
        select
            year,
            measure_type
        from ledger_budget
    ) as types
    inner join years on types.year = years.year
    left join ledger_budget as ledger
        on
            types.year = ledger.year
            and types.measure_type = ledger.measure_type
    left join planned_types as in_plan
        on
            types.year = in_plan.year
            and types.measure_type = in_plan.measure_type
),

keys as (
    select
        year,
        measure_type,
        sector
    from planned_to_date
    union distinct
    select
        year,
        measure_type,
        sector
    from beyond_plan
    where amount <> 0
    union distinct
    select
        year,
        measure_type,
        sector
    from measured
    union distinct
    select
        year,
        measure_type,
        sector
    from booked
),

joined as (
    select
        keys.year,
        keys.measure_type,
        keys.sector,
        years.days_elapsed,
        years.days_in_year,
        planned_to_date.persons as planned_persons,
        planned_to_date.unit_price as planned_unit_price,
        planned_types.unit_price as type_unit_price,
        coalesce(ledger_budget.amount, 0) as ledger_amount,
        coalesce(planned_to_date.amount, 0) + coalesce(beyond_plan.amount, 0) as budget_amount,
        coalesce(measured.persons, 0) as persons,
        coalesce(booked.amount, 0) as actual_amount
    from keys
    inner join years on keys.year = years.year
    left join planned_to_date
        on
            keys.year = planned_to_date.year
            and keys.measure_type = planned_to_date.measure_type
            and keys.sector = planned_to_date.sector
    left join planned_types
        on
            keys.year = planned_types.year
            and keys.measure_type = planned_types.measure_type
    left join ledger_budget
        on
            keys.year = ledger_budget.year
            and keys.measure_type = ledger_budget.measure_type
    left join beyond_plan
        on
            keys.year = beyond_plan.year
            and keys.measure_type = beyond_plan.measure_type
            and keys.sector = beyond_plan.sector
    left join measured
        on
            keys.year = measured.year
            and keys.measure_type = measured.measure_type
            and keys.sector = measured.sector
    left join booked
        on
            keys.year = booked.year
            and keys.measure_type = booked.measure_type
            and keys.sector = booked.sector
),

based as (
    select
        *,
        case
            when planned_persons is not null then 'order_plan'
            when persons > 0 and type_unit_price is not null then 'type_price'
            when persons > 0 and ledger_amount = 0 then 'unplanned'
            else 'amount_only'
        end as basis
    from joined
),

priced as (
    select
        based.*,
        coalesce(types.measure_type_key, -1) as measure_type_key,
        coalesce(types.category, based.measure_type) as composition,
        cast(
            case based.basis
                when 'order_plan' then based.planned_unit_price
                when 'type_price' then based.type_unit_price
                when 'unplanned' then based.actual_amount / based.persons
            end as decimal(28, 2)
        ) as base_unit_price
    from based
    left join {{ ref('dim_measure_type') }} as types on based.measure_type = types.measure_type
),

composed as (
    select
        *,
        cast(
            case
                when basis = 'amount_only' then 0
                -- What nobody budgeted is volume, also the øre that its price is rounded by.
                when basis = 'unplanned' then actual_amount
                else (persons - coalesce(planned_persons, 0)) * base_unit_price
            end as decimal(18, 2)
        ) as volume_and_mix,
        sum(case when basis <> 'amount_only' then persons else 0 end)
            over (partition by year, composition)
            as composition_persons,
        sum(planned_persons) over (partition by year, composition) as composition_planned
    from priced
),

volumes as (
    select
        *,
        case
            when composition_planned > 0 and basis <> 'amount_only'
                then cast(
                    coalesce(planned_persons, 0) * base_unit_price
                    * ((composition_persons - composition_planned) / composition_planned) as decimal(18, 2)
                )
            else volume_and_mix
        end as volume_effect
    from composed
)

select
    {{ surrogate_key(['year', 'measure_type', 'sector']) }} as variance_key,
    year,
    measure_type_key,
    measure_type,
    sector,
    days_elapsed,
    days_in_year,
    days_elapsed = days_in_year as is_complete_year,
    basis,
    cast(planned_persons as decimal(18, 8)) as planned_full_year_persons,
    cast(base_unit_price as decimal(18, 2)) as planned_unit_price,
    cast(persons as decimal(18, 8)) as full_year_persons,
    cast(case when persons > 0 then actual_amount / persons end as decimal(18, 2)) as unit_price,
    cast(budget_amount as decimal(18, 2)) as budget_amount,
    cast(actual_amount as decimal(18, 2)) as actual_amount,
    cast(actual_amount - budget_amount as decimal(18, 2)) as deviation,
    volume_effect,
    cast(actual_amount - budget_amount - volume_and_mix as decimal(18, 2)) as price_effect,
    cast(volume_and_mix - volume_effect as decimal(18, 2)) as mix_effect
from volumes
