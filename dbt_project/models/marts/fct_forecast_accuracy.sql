-- Grain: one forecast of one complete month or year (kind, span, run_id, series_id, measure, origin_month,
-- target_month) against what came, beside the rules of thumb. Made anew each night, since actuals are corrected.
-- depends_on: {{ ref('dim_date') }} (so that the test of date_key runs in the part of the night that builds this)
with scored as (
    select
        kind,
        'month' as span,
        run_id,
        series_id,
        measure,
        origin_month,
        target_month,
        horizon_months,
        cast(null as integer) as months_known,
        is_counted,
        mean,
        p05,
        p10,
        p90,
        p95,
        actual,
        last_year_month,
        last_year,
        run_rate,
        profile,
        scale
    from {{ ref('int_forecast_scores') }}
    union all
    select
        kind,
        'year' as span,
        run_id,
        series_id,
        measure,
        origin_month,
        target_month,
        horizon_months,
        months_known,
        is_counted,
        mean,
        cast(null as decimal(18, 4)) as p05,
        p10,
        p90,
        cast(null as decimal(18, 4)) as p95,
        actual,
        last_year_month,
        last_year,
        run_rate,
        profile,
        cast(null as decimal(18, 4)) as scale
    from {{ ref('int_forecast_year_scores') }}
),

parsed as (
    select
        *,
        case
            when series_id = 'total' then 'total'
            when series_id like 'function=%|measure_type=%' then 'function_measure_type'
            when series_id like 'function=%' then 'function'
            when series_id like 'measure_type=%' then 'measure_type'
            when series_id like 'category=%' then 'category'
            else 'other'
        end as level,
        {{ regex_group('series_id', 'measure_type=([^|]+)') }} as measure_type
    from scored
)

select
    {{ surrogate_key([
        'parsed.kind', 'parsed.span', 'parsed.run_id', 'parsed.series_id', 'parsed.measure', 'parsed.origin_month',
        'parsed.target_month'
    ]) }} as forecast_accuracy_key,
    parsed.kind,
    parsed.span,
    parsed.run_id,
    parsed.series_id,
    parsed.measure,
    parsed.level,
    coalesce(types.measure_type_key, -1) as measure_type_key,
    parsed.origin_month,
    parsed.target_month,
    {{ date_key('parsed.target_month') }} as date_key,
    cast(parsed.horizon_months as integer) as horizon_months,
    cast(parsed.months_known as integer) as months_known,
    bins.horizon_bin,
    parsed.is_counted,
    cast(parsed.mean as decimal(18, 4)) as mean,
    cast(parsed.p05 as decimal(18, 4)) as p05,
    cast(parsed.p10 as decimal(18, 4)) as p10,
    cast(parsed.p90 as decimal(18, 4)) as p90,
    cast(parsed.p95 as decimal(18, 4)) as p95,
    cast(parsed.actual as decimal(18, 4)) as actual,
    cast(parsed.mean - parsed.actual as decimal(18, 4)) as error,
    parsed.actual between parsed.p10 and parsed.p90 as in_80,
    parsed.actual between parsed.p05 and parsed.p95 as in_90,
    cast(parsed.last_year_month as decimal(18, 4)) as last_year_month,
    cast(parsed.last_year as decimal(18, 4)) as last_year,
    cast(parsed.run_rate as decimal(18, 4)) as run_rate,
    cast(parsed.profile as decimal(18, 4)) as profile,
    cast(outturns.committed as decimal(18, 4)) as committed,
    cast(parsed.scale as decimal(18, 4)) as scale
from parsed
inner join {{ ref('ref_forecast_bins') }} as bins
    on
        parsed.span = bins.span
        and parsed.horizon_months between bins.horizon_from and bins.horizon_to
left join {{ ref('dim_measure_type') }} as types on parsed.measure_type = types.measure_type
left join {{ ref('fct_outturn') }} as outturns
    on
        parsed.kind = 'published'
        and parsed.span = 'year'
        and parsed.measure = 'net_expenditure'
        and parsed.run_id = outturns.run_id
        and extract(year from parsed.target_month) = outturns.year
        and parsed.series_id = case
            when outturns.level = 'total' then 'total'
            else outturns.level || '=' || outturns.key
        end
