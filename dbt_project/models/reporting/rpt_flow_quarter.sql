-- Grain: one quarter and category (quarter, category) in which somebody came or went.
{{ flow_report('quarter') }}

select
    period_start as quarter,
    cast(extract(year from period_start) as integer) as year,
    category,
    cast(months_known as integer) as months_known,
    cast(started as integer) as started,
    cast(ended as integer) as ended,
    cast(started - ended as integer) as net_inflow,
    cast(children as integer) as children,
    cast(children_min as integer) as children_min,
    false as suppressed
from summed
