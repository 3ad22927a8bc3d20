-- Grain: one rule on one measure, in draft ones left out (rule, record_key), and whether it fails.
-- Belongs here: what a measure says of itself, and beside its case, its child and the child's other measures.
{% set rules = [
    ("measure_without_price", "true", "unit_price is null or unit is null", "starts_on"),
    ("measure_type_unknown", "true", "measure_type = 'unknown'", "starts_on"),
    ("measure_legal_basis_unknown", "true", "legal_basis_key = -1", "starts_on"),
    ("measure_without_provider", "category = 'placement'", "known_provider_id is null", "starts_on"),
    ("measure_past_expected_end", "is_running", "coalesce(expected_end_on < as_of, false)", "expected_end_on"),
    ("measure_without_expected_end", "is_running", "expected_end_on is null", "starts_on"),
    ("measure_expected_end_before_start", "expected_end_on is not null", "expected_end_on < starts_on", "starts_on"),
    ("measure_ended_without_date", "status = 'ended'", "ended_on is null", "starts_on"),
    ("measure_in_closed_case", "is_running and case_key <> -1", "coalesce(case_closed_on < as_of, false)", "case_closed_on"),
    ("measure_case_unknown", "has_cases", "case_key = -1", "starts_on"),
    ("measure_person_unknown", "has_children", "not is_child_known", "starts_on"),
    ("measure_other_person", "case_person_id is not null", "case_person_id <> person_id", "starts_on"),
    ("measure_price_outlier", "median_price is not null",
        "unit_price > price_factor * median_price or unit_price * price_factor < median_price", "starts_on"),
    ("measure_far_ahead", "true",
        "starts_on > latest_start or coalesce(ended_on, expected_end_on, starts_on) > latest_end", "as_of"),
    ("placement_age", "category = 'placement' and birth_month is not null",
        "months_old < 0 or months_old >= 12 * placement_age_max", "starts_on"),
    ("placement_overlap", "category = 'placement' and commitment = 'granted'", "overlapping_since is not null",
        "overlapping_since"),
    ("measure_overlap", "category <> 'placement' and commitment = 'granted'", "overlapping_since is not null",
        "overlapping_since"),
] %}
with limits as (
    select
        max(case when limit_name = 'price_factor' then limit_value end) as price_factor,
        max(case when limit_name = 'price_min_measures' then limit_value end) as price_min_measures,
        max(case when limit_name = 'start_years_ahead' then limit_value end) as start_years_ahead,
        max(case when limit_name = 'end_years_ahead' then limit_value end) as end_years_ahead,
        max(case when limit_name = 'placement_age_max' then limit_value end) as placement_age_max
    from {{ ref('ref_quality_limits') }}
),

delivered as (
    select
        (select count(*) from {{ ref('stg_cases__children') }}) > 0 as has_children,
        (select count(*) from {{ ref('stg_cases__cases') }}) > 0 as has_cases
),

providers as (
    select distinct provider_id
    from {{ ref('int_provider_versions') }}
),

medians as (
    select
        measures.measure_type,
        measures.unit,
        median(measures.unit_price) as median_price
    from {{ ref('int_measures') }} as measures
    cross join limits
    where measures.commitment <> 'draft' and measures.measure_type <> 'unknown' and measures.unit_price > 0
    group by measures.measure_type, measures.unit, limits.price_min_measures
    having count(*) >= limits.price_min_measures
),

-- The earlier of two that overlap is told: it is the one that nobody ended. The day of a move is no overlap.
twice_at_once as (
    select
        earlier.measure_key,
        min(later.starts_on) as overlapping_since
    from {{ ref('int_measures') }} as earlier
    cross join {{ ref('int_run') }} as run
    inner join {{ ref('int_measures') }} as later
        on
            earlier.person_id = later.person_id
            and earlier.measure_key <> later.measure_key
            and earlier.runs_to > later.starts_on
            and earlier.starts_on < later.runs_to
            and (
                earlier.starts_on < later.starts_on
                or (earlier.starts_on = later.starts_on and earlier.measure_key < later.measure_key)
            )
            and earlier.category = later.category
            and (earlier.category = 'placement' or earlier.measure_type = later.measure_type)
    where
        earlier.commitment = 'granted'
        and later.commitment = 'granted'
        and later.starts_on <= run.as_of
    group by earlier.measure_key
),

measures as (
    select
        measures.*,
        run.as_of,
        limits.price_factor,
        limits.placement_age_max,
        delivered.has_cases,
        delivered.has_children,
        providers.provider_id as known_provider_id,
        cases.closed_on as case_closed_on,
        cases.person_id as case_person_id,
        children.birth_month,
        medians.median_price,
        twice_at_once.overlapping_since,
        coalesce(children.is_in_case_system, false) as is_child_known,
        measures.commitment = 'granted' and measures.ended_on is null and measures.starts_on <= run.as_of
            as is_running,
        {{ dbt.datediff('children.birth_month', 'measures.starts_on', 'month') }} as months_old,
        {{ add_months('run.as_of', 'cast(12 * limits.start_years_ahead as integer)') }} as latest_start,
        {{ add_months('run.as_of', 'cast(12 * limits.end_years_ahead as integer)') }} as latest_end
    from {{ ref('int_measures') }} as measures
    cross join {{ ref('int_run') }} as run
    cross join limits
    cross join delivered
    left join providers on measures.provider_id = providers.provider_id
    left join {{ ref('int_cases') }} as cases on measures.case_key = cases.case_key
    left join {{ ref('int_children') }} as children on measures.person_id = children.person_id
    left join medians on measures.measure_type = medians.measure_type and measures.unit = medians.unit
    left join twice_at_once on measures.measure_key = twice_at_once.measure_key
    where measures.commitment <> 'draft'
)

{% for rule, checked, failing, since in rules %}
    select
        '{{ rule }}' as rule,
        load_id,
        source_system,
        measure_id as record_id,
        measure_key as record_key,
        case_id,
        team,
        caseworker_id,
        {{ failing }} as is_failing,
        {{ since }} as since
    from measures
    where {{ checked }}
    {{ "union all" if not loop.last }}
{% endfor %}
