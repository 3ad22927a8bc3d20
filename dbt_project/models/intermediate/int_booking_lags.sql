-- Grain: one day of loads that first told something of one month of one bottom series (function, measure_type, month,
-- seen_on).
-- Only months whose end the loads have seen pass: of older ones nobody knows what came late. The newest two years.
with run as (
    select * from {{ ref('int_run') }}
),

loads as (
    select
        source_system,
        load_seq,
        cast(max(loaded_at) as date) as loaded_on
    from {{ ref('stg_intake__load_files') }}
    where entity = 'postings' and state <> 'stopped'
    group by source_system, load_seq
),

first_told as (
    select
        postings.source_system,
        postings.posting_id,
        postings.first_load_seq as load_seq
    from {{ ref('stg_finance__postings') }} as postings
    cross join run
    where postings.year >= run.current_year - 2
),

-- The oldest load that is still kept: what was first told before it can no longer be seen.
followed as (
    select
        first_told.source_system,
        min(loads.loaded_on) as followed_from
    from first_told
    inner join loads
        on first_told.source_system = loads.source_system and first_told.load_seq = loads.load_seq
    group by first_told.source_system
)

select
    costs.function,
    costs.measure_type,
    costs.posting_month as month,
    loads.loaded_on as seen_on,
    cast(sum(costs.amount) as decimal(18, 2)) as amount
from {{ ref('int_costs') }} as costs
cross join run
inner join first_told
    on costs.source_system = first_told.source_system and costs.posting_id = first_told.posting_id
inner join loads
    on first_told.source_system = loads.source_system and first_told.load_seq = loads.load_seq
inner join followed on loads.source_system = followed.source_system
where
    costs.posting_month <= run.last_complete_month
    and costs.posting_date <= run.as_of
    and {{ month_end('costs.posting_month') }} >= followed.followed_from
group by costs.function, costs.measure_type, costs.posting_month, loads.loaded_on
