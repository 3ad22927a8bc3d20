-- Grain: one row: the day from which the case system tells of plans, of follow-ups and of supervision.
-- A case system delivers what still ran when its history began (see int_run), without what was done before: a
-- duty of that time cannot be judged. The first end recorded, and the first record of the kind, tell when.
-- What is not delivered at all is never told of.
with measured as (
    select min(ended_on) as first_end_on
    from {{ ref('stg_cases__measures') }}
),

planned as (
    select min(decided_on) as first_day
    from {{ ref('stg_cases__plans') }}
),

followed as (
    select
        min(case when kind = 'follow_up' then coalesce(due_on, held_on) end) as first_follow_up,
        min(case when kind = 'supervision' then coalesce(due_on, held_on) end) as first_supervision
    from {{ ref('stg_cases__follow_ups') }}
)

select
    case
        when planned.first_day is null then {{ end_of_time() }}
        else greatest(planned.first_day, coalesce(measured.first_end_on, planned.first_day))
    end as plans_from,
    case
        when followed.first_follow_up is null then {{ end_of_time() }}
        else greatest(followed.first_follow_up, coalesce(measured.first_end_on, followed.first_follow_up))
    end as follow_ups_from,
    case
        when followed.first_supervision is null then {{ end_of_time() }}
        else greatest(followed.first_supervision, coalesce(measured.first_end_on, followed.first_supervision))
    end as supervision_from
from measured
cross join planned
cross join followed
