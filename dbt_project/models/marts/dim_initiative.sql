-- Grain: one adopted initiative, and −1 for none. Initiatives are adopted scenarios; none is stored yet.
select
    cast(-1 as bigint) as initiative_key,
    key as initiative_id,
    label_da,
    label_en,
    cast(null as date) as starts_on
from {{ ref('ref_labels') }}
where scope = 'member' and key = 'unknown'
