-- Grain: one source in one year of receipt: notifications, how fast they were assessed, what came of them.
select
    cast(extract(year from received_on) as integer) as year,
    reporter,
    reporter_da,
    reporter_en,
    is_universal_services,
    cast(count(*) as integer) as notifications,
    cast(count(distinct child_key) as integer) as children,
    cast(median(hours_to_assessment) as decimal(18, 2)) as median_hours_to_assessment,
    cast(
        avg(case when is_assessed_on_time then 1.0 when not is_assessed_on_time then 0.0 end) as decimal(9, 6)
    )
        as share_assessed_on_time,
    cast(
        avg(case when is_acknowledged_on_time then 1.0 when not is_acknowledged_on_time then 0.0 end)
        as decimal(9, 6)
    ) as share_acknowledged_on_time,
    cast(avg(case when is_repeat then 1.0 else 0.0 end) as decimal(9, 6)) as share_repeated,
    -- Only where the months have passed: a measure that came early must not make a recent month look better.
    cast(
        avg(case when is_outcome_known and led_to_measure then 1.0 when is_outcome_known then 0.0 end)
        as decimal(9, 6)
    ) as share_led_to_measure,
    cast(false as boolean) as suppressed
from {{ ref('fct_notification') }}
group by
    cast(extract(year from received_on) as integer), reporter, reporter_da, reporter_en, is_universal_services
