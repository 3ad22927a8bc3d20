{#- Who comes and goes, for everyone: counts of complete months, coarse enough to be shown. -#}

{#-
  Inflow and outflow per category and period: `quarter` or `year`. Placements count children who begin or stop being
  placed, so no moves; other measures count those begun and ended. What is of no known type is not in it.
-#}
{% macro flow_report(period) -%}
    with flows as (
        select
            events.month,
            'placement' as category,
            events.child_key,
            case when events.event = 'start' then 1 else 0 end as started,
            case when events.event = 'end' then 1 else 0 end as ended
        from {{ ref('fct_placement_event') }} as events
        where events.event in ('start', 'end')
        union all
        select
            {{ month_start('measures.starts_on') }} as month,
            measures.category,
            measures.child_key,
            1 as started,
            0 as ended
        from {{ ref('int_measures') }} as measures
        where measures.commitment = 'granted' and measures.category <> 'placement'
        union all
        select
            {{ month_start('measures.ended_on') }} as month,
            measures.category,
            measures.child_key,
            0 as started,
            1 as ended
        from {{ ref('int_measures') }} as measures
        where
            measures.commitment = 'granted'
            and measures.category <> 'placement'
            and measures.ended_on is not null
    ),

    periods as (
        select
            flows.category,
            flows.child_key,
            flows.started,
            flows.ended,
            cast({{ dbt.date_trunc(period, 'flows.month') }} as date) as period_start
        from flows
        cross join {{ ref('int_run') }} as run
        where flows.month between run.first_activity_month and run.last_complete_month
    ),

    months as (
        select
            cast({{ dbt.date_trunc(period, 'months.month') }} as date) as period_start,
            count(*) as months_known
        from {{ ref('int_months') }} as months
        cross join {{ ref('int_run') }} as run
        where months.month between run.first_activity_month and run.last_complete_month
        group by cast({{ dbt.date_trunc(period, 'months.month') }} as date)
    ),

    summed as (
        select
            periods.period_start,
            periods.category,
            max(months.months_known) as months_known,
            sum(periods.started) as started,
            sum(periods.ended) as ended,
            count(distinct periods.child_key) as children,
            least(
                nullif(count(distinct case when periods.started = 1 then periods.child_key end), 0),
                nullif(count(distinct case when periods.ended = 1 then periods.child_key end), 0)
            ) as children_min
        from periods
        inner join months on periods.period_start = months.period_start
        group by periods.period_start, periods.category
    )
{%- endmacro %}
