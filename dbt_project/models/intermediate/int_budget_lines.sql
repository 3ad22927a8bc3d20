-- Grain: one delivered budget line (source_system, year, account, version, decided_on).
-- A change counts from the day it was decided; a line without a date counts from the start.
select
    {{ surrogate_key([
        'budget.source_system', 'budget.year', 'budget.account', 'budget.version', 'budget.decided_on'
    ]) }}
        as budget_key,
    budget.source_system,
    cast(budget.year as integer) as year,
    budget.account,
    budget.version,
    budget.amount,
    budget.decided_on,
    coalesce(accounts.account_key, -1) as account_key,
    coalesce(accounts.function, 'unknown') as function,
    coalesce(accounts.measure_type, 'unknown') as measure_type,
    budget.decided_on is null or budget.decided_on <= run.as_of as is_in_force,
    budget.load_id
from {{ ref('stg_finance__budget') }} as budget
cross join {{ ref('int_run') }} as run
left join {{ ref('int_account_versions') }} as accounts
    on
        budget.account = accounts.account
        and {{ first_of_month('budget.year', 1) }} between accounts.valid_from and accounts.valid_to
