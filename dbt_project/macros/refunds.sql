{#- The central refund scheme's arithmetic (særligt dyre enkeltsager), in whole øre. -#}

{#-
  A whole number divided, rounded half up. A half is exact in a double and everything else lies further from it than
  a double's error, so the rounding is exact for amounts below a billion DKK.
-#}
{% macro rounded(number, divisor) -%}
    cast(floor(cast({{ number }} as double) / {{ divisor }} + 0.5) as bigint)
{%- endmacro %}

{#-
  Refund in øre, rounded half up, of the cost between two limits. Cost and limits are in twelfths of an øre, the rate
  in hundredths of a per cent. No upper limit: the tier is open.
-#}
{% macro refund_oere(cost, lower, upper, rate) -%}
    {{ rounded(
        rate ~ " * greatest(least(" ~ cost ~ ", coalesce(" ~ upper ~ ", " ~ cost ~ ")) - " ~ lower ~ ", 0)", 120000
    ) }}
{%- endmacro %}

{#- Øre as money. -#}
{% macro from_oere(oere) -%}
    cast(({{ oere }}) * cast(0.01 as decimal(3, 2)) as decimal(18, 2))
{%- endmacro %}

{#-
  CTEs that end in `verified`: per period of the CTE `months`, whether the limits with their rates, the basis, and all
  lines of eligibility in force then were read in their source. It is said of the rules, not of who is in the row, so
  that it tells nothing where the row is hidden.
-#}
{% macro refund_rules_verified(period) -%}
    limits_verified as (
        select
            months.{{ period }},
            min(case when limits.is_limit_verified then 1 else 0 end) as is_limit_verified,
            min(case when limits.is_basis_verified then 1 else 0 end) as is_basis_verified
        from months
        left join {{ ref('int_refund_limits') }} as limits on months.year = limits.year
        group by months.{{ period }}
    ),

    eligibility_lines as (
        select
            valid_from,
            coalesce(valid_to, {{ end_of_time() }}) as valid_to,
            verified
        from {{ ref('ref_refund_eligibility') }}
        union all
        select
            valid_from,
            coalesce(valid_to, {{ end_of_time() }}) as valid_to,
            verified
        from {{ ref('ref_refund_persons') }}
    ),

    eligibility_verified as (
        select
            months.{{ period }},
            min(case when eligibility_lines.verified then 1 else 0 end) as is_eligibility_verified
        from months
        left join eligibility_lines
            on months.month between eligibility_lines.valid_from and eligibility_lines.valid_to
        group by months.{{ period }}
    ),

    verified as (
        select
            limits_verified.{{ period }},
            limits_verified.is_limit_verified,
            limits_verified.is_basis_verified,
            eligibility_verified.is_eligibility_verified
        from limits_verified
        inner join eligibility_verified on limits_verified.{{ period }} = eligibility_verified.{{ period }}
    )
{%- endmacro %}

{#-
  The refund per period (`month` or `year`) for everyone: only households above the limits or with a booked refund.
  `children_smallest` is the smaller number of children behind what is expected and what is booked, `largest_share` the
  larger share that one household has of either.
-#}
{% macro refund_report(period) -%}
    with run as (
        select * from {{ ref('int_run') }}
    ),

    months as (
        select
            months.month,
            months.year
        from {{ ref('int_months') }} as months
        cross join run
        where months.month between run.first_month and run.last_complete_month
    ),

    households as (
        select
            months.{{ period }},
            refunds.household_key,
            sum(case when refunds.expected_refund > 0 then refunds.eligible_cost else 0 end) as eligible_cost,
            sum(refunds.expected_refund) as expected_refund,
            sum(refunds.booked_refund) as booked_refund
        from {{ ref('fct_refund_month') }} as refunds
        inner join months on refunds.month = months.month
        where refunds.expected_refund <> 0 or refunds.booked_refund <> 0
        group by months.{{ period }}, refunds.household_key
    ),

    persons as (
        select
            months.{{ period }},
            costs.person_id,
            max(case when costs.is_eligible and refunds.expected_refund > 0 then 1 else 0 end) as is_expected,
            max(case when costs.is_refund then 1 else 0 end) as is_booked
        from {{ ref('int_refund_costs') }} as costs
        inner join months on costs.month = months.month
        inner join {{ ref('fct_refund_month') }} as refunds
            on costs.household_key = refunds.household_key and costs.month = refunds.month
        where costs.is_refund or (costs.is_eligible and refunds.expected_refund > 0)
        group by months.{{ period }}, costs.person_id
    ),

    children as (
        select
            {{ period }},
            count(person_id) as children,
            count(case when is_expected = 1 then person_id end) as children_expected,
            count(case when is_booked = 1 then person_id end) as children_booked
        from persons
        group by {{ period }}
    ),

    summed as (
        select
            {{ period }},
            count(case when expected_refund > 0 then household_key end) as households,
            sum(eligible_cost) as eligible_cost,
            sum(expected_refund) as expected_refund,
            sum(booked_refund) as booked_refund,
            max(expected_refund) as largest_expected,
            max(booked_refund) as largest_booked
        from households
        group by {{ period }}
    ),

    {{ refund_rules_verified(period) }},

    periods as (
        select
            {{ period }},
            min(year) as year
        from months
        group by {{ period }}
    )
{%- endmacro %}
