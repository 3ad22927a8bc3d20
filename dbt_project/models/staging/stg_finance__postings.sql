-- Grain: one posting as it holds now (source_system, posting_id).
-- Belongs here: choosing the current rows and naming; no rule of money or law.
with current_rows as (
    {{ current_rows('postings', ['posting_id'], [['year'], ['year', 'period']]) }}
),

-- Also of loads that a newer snapshot has set aside: when it was first told is no matter of what holds now.
first_told as (
    select
        _source,
        posting_id,
        min(_load_seq) as load_seq
    from {{ source('raw', 'postings') }}
    group by _source, posting_id
)

select
    current_rows.posting_id,
    current_rows.posting_date,
    current_rows.period,
    current_rows.year,
    current_rows.account,
    current_rows.account_function,
    current_rows.account_dranst,
    current_rows.account_ownership,
    current_rows.account_grouping,
    current_rows.account_art,
    current_rows.amount,
    current_rows.person_id,
    current_rows.cvr,
    current_rows.measure_id,
    current_rows.voucher,
    current_rows.text,
    current_rows._source as source_system,
    current_rows._load_id as load_id,
    current_rows._load_seq as load_seq,
    current_rows._file as file,
    current_rows._row as row_number,
    first_told.load_seq as first_load_seq
from current_rows
left join first_told
    on current_rows._source = first_told._source and current_rows.posting_id = first_told.posting_id
