-- Grain: one duty of one notification (duty, notification_key): to assess it, and to acknowledge it.
with told as (
    select
        *,
        cast(assessed_at as date) as assessed_on
    from {{ ref('int_notifications') }}
)

{% for duty, met_on, met_at in [
    ("notification_assessment", "assessed_on", "assessed_at"),
    ("notification_acknowledgement", "acknowledged_on", "null"),
] %}
    select
        '{{ duty }}' as duty,
        'all' as scope,
        source_system,
        notification_id as subject_id,
        notification_key as subject_key,
        1 as occurrence,
        received_on as trigger_on,
        received_at as trigger_at,
        cast(null as date) as parallel_on,
        cast(null as date) as set_on,
        {{ met_on }} as met_on,
        cast({{ met_at }} as timestamp) as met_at,
        cast(null as date) as fell_away_on,
        cast(null as date) as told_from,
        child_key,
        case_key,
        cast(-1 as bigint) as measure_key,
        team,
        caseworker_id,
        load_id
    from told
    {{ "union all" if not loop.last }}
{% endfor %}
