-- Grain: one posting as it holds now (source_system, posting_id).
-- Belongs here: choosing the current rows and naming; no rule of money or law.
with current_rows as (
    {{ current_rows('postings', ['posting_id'], [['year'], ['year', 'period']]) }}
)

select
    posting_id,
    posting_date,
    period,
    year,
    account,
    account_function,
    account_dranst,
    account_ownership,
    account_grouping,
    account_art,
    amount,
    person_id,
    cvr,
    measure_id,
    voucher,
    text,
    _source as source_system,
    _load_id as load_id,
    _load_seq as load_seq,
    _file as file,
    _row as row_number
from current_rows
