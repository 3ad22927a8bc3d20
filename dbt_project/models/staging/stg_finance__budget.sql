-- Grain: one budget line as it holds now (source_system, year, account, version and decided_on).
-- Belongs here: choosing the current rows and naming; no rule of money or law.
{%- set key = ['year', 'account', 'version', 'decided_on'] %}
{%- set slices = [['year'], ['year', 'version']] %}
with current_rows as (
    {{ current_rows('budget', key, slices) }}
)

select
    year,
    account,
    account_function,
    account_dranst,
    account_ownership,
    account_grouping,
    account_art,
    version,
    amount,
    decided_on,
    _source as source_system,
    _load_id as load_id,
    _load_seq as load_seq,
    _file as file,
    _row as row_number
from current_rows
