-- Grain: one year (year), of its complete months.
{{ refund_report('year') }}

select
    periods.year,
    cast(coalesce(summed.households, 0) as integer) as households,
    cast(coalesce(children.children, 0) as integer) as children,
    cast(
        case
            when coalesce(children.children_expected, 0) = 0 then coalesce(children.children_booked, 0)
            when coalesce(children.children_booked, 0) = 0 then children.children_expected
            else least(children.children_expected, children.children_booked)
        end as integer
    ) as children_smallest,
    cast(
        greatest(
            coalesce(summed.largest_expected / nullif(summed.expected_refund, 0), 0),
            coalesce(summed.largest_booked / nullif(summed.booked_refund, 0), 0)
        ) as decimal(9, 4)
    ) as largest_household_share,
    cast(coalesce(summed.eligible_cost, 0) as decimal(18, 2)) as eligible_cost,
    cast(coalesce(summed.expected_refund, 0) as decimal(18, 2)) as expected_refund,
    cast(coalesce(summed.booked_refund, 0) as decimal(18, 2)) as booked_refund,
    cast(coalesce(summed.expected_refund, 0) - coalesce(summed.booked_refund, 0) as decimal(18, 2))
        as unclaimed_refund,
    verified.is_limit_verified = 1 as is_limit_verified,
    verified.is_basis_verified = 1 as is_basis_verified,
    verified.is_eligibility_verified = 1 as is_eligibility_verified,
    false as suppressed
from periods
left join summed on periods.year = summed.year
left join children on periods.year = children.year
left join verified on periods.year = verified.year
