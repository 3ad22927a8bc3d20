-- Grain: one measure of a posting that was tied (cost_key, measure_key); several where one posting covers several.
-- The passes stand in ref_match_passes, each on what those before left. A posting that takes back another and the
-- one that it takes back have one tie between them, the surer of the two.
with found as (
    select
        cost_key,
        measure_key,
        method,
        pass_order,
        cast(1 as decimal(18, 2)) as weight
    from {{ ref('int_cost_ties') }}
    union all
    select
        cost_key,
        measure_key,
        method,
        pass_order,
        weight
    from {{ ref('int_cost_groups') }}
),

own as (
    select *
    from (
        select
            *,
            rank() over (partition by cost_key order by pass_order) as place
        from found
    ) as ranked
    where place = 1
),

partners as (
    select
        cost_key,
        corrects_cost_key as partner_key
    from {{ ref('int_cost_pairs') }}
    union all
    select
        corrects_cost_key as cost_key,
        cost_key as partner_key
    from {{ ref('int_cost_pairs') }}
),

orders as (
    select
        cost_key,
        min(pass_order) as pass_order
    from own
    group by cost_key
),

inherited as (
    select
        partners.cost_key,
        partners.partner_key
    from partners
    cross join {{ ref('ref_match_passes') }} as passes
    inner join orders as of_partner on partners.partner_key = of_partner.cost_key
    left join orders as of_own on partners.cost_key = of_own.cost_key
    where
        passes.method = 'correction'
        and coalesce(of_own.pass_order, 9999) > greatest(passes.pass_order, of_partner.pass_order)
),

tied as (
    select
        own.cost_key,
        own.measure_key,
        own.method,
        own.method as tied_by,
        own.weight
    from own
    left join inherited on own.cost_key = inherited.cost_key
    where inherited.cost_key is null
    union all
    select
        inherited.cost_key,
        own.measure_key,
        'correction' as method,
        own.method as tied_by,
        own.weight
    from inherited
    inner join own on inherited.partner_key = own.cost_key
)

select
    tied.cost_key,
    tied.measure_key,
    tied.method as match_method,
    cast(least(passes.confidence, sources.confidence) as decimal(3, 2)) as match_confidence,
    tied.weight
from tied
inner join {{ ref('ref_match_passes') }} as passes on tied.method = passes.method
inner join {{ ref('ref_match_passes') }} as sources on tied.tied_by = sources.method
