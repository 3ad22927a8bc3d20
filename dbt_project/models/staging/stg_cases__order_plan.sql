-- Grain: one line of the order plan as it holds now (source_system, year, measure_type and sector).
-- Belongs here: choosing the current rows and naming; no rule of money or law.
with current_rows as (
    {{ current_rows('order_plan', ['year', 'measure_type', 'sector'], [['year']]) }}
)

select
    year,
    measure_type,
    sector,
    full_year_persons,
    unit_price,
    _source as source_system,
    _load_id as load_id,
    _load_seq as load_seq,
    _file as file,
    _row as row_number
from current_rows
