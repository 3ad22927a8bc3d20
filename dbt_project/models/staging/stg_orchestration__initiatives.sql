-- Grain: one adopted initiative (initiative_id), as the configuration has it.
select
    initiative_id,
    label_da,
    label_en,
    scenario,
    starts_on,
    measure_types,
    planned_saving_year
from {{ source('raw', 'initiatives') }}
