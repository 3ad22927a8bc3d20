-- Grain: one duty of one subject (deadline_key), with the rule that holds for it and what became of it by as_of.
-- The rule is that of the day on which the time limit runs out: a limit that began under Serviceloven and runs
-- out after 2023 is Barnets Lov's. So no six months of Serviceloven reach into 2024. A duty that no rule is
-- known for on its day is none. Where several rules hold, the first in precedence counts, and of equals the
-- earliest day.
with duties as (
    {% for part in [
        ref('int_duties_notification'), ref('int_duties_case'), ref('int_duties_follow_up'),
        ref('int_duties_supervision')
    ] %}
        select
            {{ surrogate_key(['duty', 'source_system', 'subject_key', 'occurrence']) }} as deadline_key,
            duty,
            scope,
            source_system,
            subject_id,
            occurrence,
            trigger_on,
            trigger_at,
            parallel_on,
            set_on,
            met_on,
            met_at,
            fell_away_on,
            told_from,
            child_key,
            case_key,
            measure_key,
            team,
            caseworker_id,
            load_id
        from {{ part }}
        {{ "union all" if not loop.last }}
    {% endfor %}
),

ruled as (
    select
        duties.*,
        rules.rule,
        rules.law,
        rules.paragraph,
        rules.due_number,
        rules.due_unit,
        rules.precedence,
        rules.is_only_if_decided,
        rules.is_local_norm,
        rules.verified as is_verified,
        rules.valid_from,
        coalesce(rules.valid_to, {{ end_of_time() }}) as valid_to,
        case rules.trigger_event
            when 'parallel_assessment_completed' then duties.parallel_on
            when 'date_set_by_municipality' then duties.set_on
            else duties.trigger_on
        end as counts_from,
        case when rules.due_unit = 'working_days' then rules.due_number end as working_days
    from duties
    inner join {{ ref('ref_deadline_rules') }} as rules
        on
            duties.duty = rules.duty
            and rules.applies_to in ('all', duties.scope)
),

reckoned as (
    select
        ruled.*,
        case
            when
                ruled.due_unit = 'hours'
                then {{ dbt.dateadd('hour', 'ruled.due_number', 'ruled.trigger_at') }}
        end as due_at,
        case ruled.due_unit
            when 'hours' then cast({{ dbt.dateadd('hour', 'ruled.due_number', 'ruled.trigger_at') }} as date)
            when 'working_days' then working_day.date_day
            when 'days' then {{ add_days('ruled.counts_from', 'ruled.due_number') }}
            when 'months' then {{ add_months('ruled.counts_from', 'ruled.due_number') }}
            when 'visits_per_year' then {{ add_days(add_months('ruled.counts_from', 12), -1) }}
        end as due_on
    from ruled
    {{ add_working_days('ruled.counts_from', 'ruled.working_days', 'working_day') }}
),

dated as (
    select
        *,
        greatest(
            trigger_on,
            coalesce(
                max(case when trigger_on between valid_from and valid_to then due_on end)
                    over (partition by deadline_key),
                trigger_on
            )
        ) as runs_out_on
    from reckoned
),

chosen as (
    select
        dated.*,
        run.as_of,
        row_number() over (
            partition by dated.deadline_key
            order by dated.precedence, dated.due_on, dated.rule
        ) as preference
    from dated
    cross join {{ ref('int_run') }} as run
    where
        dated.due_on is not null
        -- What ran out before the case system's history cannot be judged.
        and coalesce(dated.due_on >= dated.told_from, true)
        and dated.runs_out_on between dated.valid_from and dated.valid_to
        and (dated.due_unit <> 'visits_per_year' or mod(dated.occurrence, 100) <= dated.due_number)
        -- A plan that nobody decided to make is not owed.
        and (not dated.is_only_if_decided or coalesce(dated.met_on <= run.as_of, false))
),

known as (
    select
        *,
        case when met_on <= as_of then met_on end as known_met_on,
        case when met_on <= as_of then met_at end as known_met_at,
        case when fell_away_on <= as_of then fell_away_on end as known_fell_away_on
    from chosen
    where preference = 1
)

select
    deadline_key,
    duty,
    rule,
    law,
    paragraph,
    is_local_norm,
    is_verified,
    scope,
    source_system,
    subject_id,
    occurrence,
    trigger_on,
    due_at,
    due_on,
    known_met_on as met_on,
    known_fell_away_on as fell_away_on,
    case
        when due_unit = 'hours' and known_met_on is not null then coalesce(known_met_at <= due_at, false)
        when known_met_on is not null then known_met_on <= due_on
        when due_on < as_of then false
    end as on_time,
    case
        when
            coalesce(known_met_at <= due_at, known_met_on <= due_on, false)
            or (known_met_on is null and due_on >= as_of)
            then 0
        -- A visit that was never made has no day to count to.
        when duty = 'supervision' then null
        else greatest(
            {{ dbt.datediff('due_on', 'coalesce(known_met_on, known_fell_away_on, as_of)', 'day') }}, 1
        )
    end as days_late,
    known_met_on is null and known_fell_away_on is null as is_open,
    known_met_on is null and known_fell_away_on is null
    and due_on between as_of and {{ add_days('as_of', 30) }} as due_in_next_30_days,
    child_key,
    case_key,
    measure_key,
    team,
    caseworker_id,
    load_id
from known
-- What fell away before its day was never owed.
where known_met_on is not null or known_fell_away_on is null or known_fell_away_on > due_on
