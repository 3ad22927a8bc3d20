-- Grain: one tier of the refund scheme in one year (year, tier), in øre, and the limit that ends the tier.
-- A year without a line of its own takes the newest line before it, and is not verified then.
with years as (
    select distinct year from {{ ref('int_months') }}
),

newest as (
    select
        years.year,
        max(limits.year) as limit_year
    from years
    inner join {{ ref('ref_refund_limits') }} as limits on years.year >= limits.year
    group by years.year
)

select
    newest.year,
    limits.tier,
    limits.basis,
    limits.law,
    cast(limits.limit_amount * 100 as bigint) as limit_oere,
    cast(
        lead(limits.limit_amount) over (partition by newest.year order by limits.tier) * 100 as bigint
    ) as next_limit_oere,
    cast(limits.rate * 10000 as bigint) as rate_basis_points,
    limits.verified and newest.year = newest.limit_year as is_limit_verified,
    limits.basis_verified and newest.year = newest.limit_year as is_basis_verified
from newest
inner join {{ ref('ref_refund_limits') }} as limits on newest.limit_year = limits.year
