-- What a duty is called follows from its days: met, late, open and lapsed exclude each other as they must.
-- A limit in hours may be missed within its last day, so a day that is kept says nothing there.
select
    deadlines.deadline_key,
    deadlines.rule,
    deadlines.due_on,
    deadlines.met_on,
    deadlines.on_time,
    deadlines.days_late,
    deadlines.is_open
from {{ ref('fct_deadline') }} as deadlines
cross join {{ ref('int_run') }} as run
where
    (deadlines.met_on > deadlines.due_on and coalesce(deadlines.on_time, true))
    or (
        deadlines.met_on <= deadlines.due_on
        and deadlines.due_at is null
        and not coalesce(deadlines.on_time, false)
    )
    or (deadlines.met_on is null and (deadlines.due_on < run.as_of) <> coalesce(not deadlines.on_time, false))
    or (deadlines.is_open and (deadlines.met_on is not null or deadlines.fell_away_on is not null))
    or (deadlines.on_time and deadlines.days_late <> 0)
    or (not deadlines.on_time and deadlines.days_late < 1)
    or (deadlines.is_overdue and deadlines.due_in_next_30_days)
