-- Grain: one version of one budget line, from when it was known until something else was.
select
    {{ version_key() }} as budget_history_key,
    history.source_system,
    cast(history.year as integer) as year,
    {{ date_key('history.decided_on') }} as date_key,
    coalesce(accounts.account_key, -1) as account_key,
    history.account,
    history.account_function,
    history.version,
    history.amount,
    history.decided_on,
    cast(history.dbt_valid_from as timestamp) as known_from,
    cast(history.dbt_valid_to as timestamp) as known_to,
    history.dbt_is_deleted = 'True' as is_vanished,
    history.load_id
from {{ ref('hist_budget') }} as history
left join {{ ref('int_account_versions') }} as accounts
    on
        history.account = accounts.account
        and {{ first_of_month('history.year', 1) }} between accounts.valid_from and accounts.valid_to
