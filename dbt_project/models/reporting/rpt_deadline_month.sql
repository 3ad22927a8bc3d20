-- Grain: one duty in one team in one month that it fell due in, to the as-of date.
with due as (
    select
        deadlines.*,
        {{ month_start('deadlines.due_on') }} as month
    from {{ ref('fct_deadline') }} as deadlines
    cross join {{ ref('int_run') }} as run
    where deadlines.due_on <= run.as_of
)

select
    due.month,
    cast(extract(year from due.month) as integer) as year,
    due.duty,
    duties.label_da as duty_da,
    duties.label_en as duty_en,
    coalesce(due.team, labels.label_da) as team,
    cast(count(*) as integer) as due,
    cast(count(distinct due.child_key) as integer) as children,
    cast(sum(case when due.on_time then 1 else 0 end) as integer) as met_on_time,
    cast(sum(case when due.met_on is not null and not due.on_time then 1 else 0 end) as integer) as met_late,
    cast(sum(case when due.is_open then 1 else 0 end) as integer) as still_open,
    cast(sum(case when due.met_on is null and not due.is_open then 1 else 0 end) as integer) as never_met,
    cast(avg(case when due.on_time then 1.0 when not due.on_time then 0.0 end) as decimal(9, 6))
        as share_on_time,
    cast(avg(case when not due.on_time then due.days_late end) as decimal(18, 2)) as days_late_average,
    cast(max(case when due.is_local_norm then 1 else 0 end) = 1 as boolean) as has_local_norm,
    cast(false as boolean) as suppressed
from due
inner join {{ ref('ref_deadline_duties') }} as duties on due.duty = duties.duty
inner join {{ ref('ref_labels') }} as labels on labels.scope = 'member' and labels.key = 'unknown'
group by due.month, due.duty, duties.label_da, duties.label_en, coalesce(due.team, labels.label_da)
