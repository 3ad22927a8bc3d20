-- Grain: one month of receipt: notifications, how fast they were assessed, and what came of them.
with received as (
    select
        *,
        {{ month_start('received_on') }} as month
    from {{ ref('fct_notification') }}
),

counted as (
    select
        month,
        count(*) as notifications,
        count(distinct child_key) as children,
        median(hours_to_assessment) as median_hours_to_assessment,
        avg(case when is_assessed_on_time then 1.0 when not is_assessed_on_time then 0.0 end)
            as share_assessed_on_time,
        avg(case when is_acknowledged_on_time then 1.0 when not is_acknowledged_on_time then 0.0 end)
            as share_acknowledged_on_time,
        avg(case when is_repeat then 1.0 else 0.0 end) as share_repeated,
        -- Only where the months have passed: what came early must not make a recent month look better.
        avg(case when is_outcome_known and led_to_measure then 1.0 when is_outcome_known then 0.0 end)
            as share_led_to_measure,
        avg(case when is_universal_services then 1.0 else 0.0 end) as share_universal_services
    from received
    group by month
)

select
    counted.month,
    cast(extract(year from counted.month) as integer) as year,
    cast(counted.notifications as integer) as notifications,
    cast(counted.children as integer) as children,
    cast(counted.median_hours_to_assessment as decimal(18, 2)) as median_hours_to_assessment,
    cast(counted.share_assessed_on_time as decimal(9, 6)) as share_assessed_on_time,
    cast(counted.share_acknowledged_on_time as decimal(9, 6)) as share_acknowledged_on_time,
    cast(counted.share_repeated as decimal(9, 6)) as share_repeated,
    cast(counted.share_led_to_measure as decimal(9, 6)) as share_led_to_measure,
    cast(counted.share_universal_services as decimal(9, 6)) as share_universal_services,
    {{ month_end('counted.month') }} <= run.as_of as is_complete,
    cast(false as boolean) as suppressed
from counted
cross join {{ ref('int_run') }} as run
