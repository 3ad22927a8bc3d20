-- Grain: one written account in one period of the chart (account, valid_from).
-- Function and grouping of an account mean what the chart of that time says. The periods of an account
-- follow each other without gap or overlap, so that every date finds exactly one.
with written_accounts as (
    select
        account,
        account_function,
        account_dranst,
        account_ownership,
        account_grouping,
        account_art
    from {{ ref('stg_finance__postings') }}
    union all
    select
        account,
        account_function,
        account_dranst,
        account_ownership,
        account_grouping,
        account_art
    from {{ ref('stg_finance__budget') }}
    union all
    select
        account,
        account_function,
        account_dranst,
        account_ownership,
        account_grouping,
        account_art
    from {{ ref('stg_cases__measures') }}
),

accounts as (
    select
        account,
        max(account_function) as account_function,
        max(account_dranst) as account_dranst,
        max(account_ownership) as account_ownership,
        max(account_grouping) as account_grouping,
        max(account_art) as account_art,
        coalesce(max(account_function), '~') as chart_function,
        coalesce(max(account_grouping), '~') as chart_grouping
    from written_accounts
    where account is not null
    group by account
),

chart_lines as (
    select distinct
        chart_function,
        chart_grouping
    from accounts
),

account_types as (
    select * from {{ ref('int_account_types') }}
),

changes as (
    select
        chart_function,
        chart_grouping,
        {{ beginning_of_time() }} as valid_from
    from chart_lines
    union distinct
    select
        chart_lines.chart_function,
        chart_lines.chart_grouping,
        functions.valid_from
    from chart_lines
    inner join {{ ref('ref_functions') }} as functions on chart_lines.chart_function = functions.function
    union distinct
    select
        chart_lines.chart_function,
        chart_lines.chart_grouping,
        {{ add_days('functions.valid_to', 1) }} as valid_from
    from chart_lines
    inner join {{ ref('ref_functions') }} as functions on chart_lines.chart_function = functions.function
    where functions.valid_to is not null
    union distinct
    select
        chart_lines.chart_function,
        chart_lines.chart_grouping,
        account_types.valid_from
    from chart_lines
    inner join account_types
        on
            chart_lines.chart_function = account_types.function
            and chart_lines.chart_grouping = account_types.grouping
    union distinct
    select
        chart_lines.chart_function,
        chart_lines.chart_grouping,
        {{ add_days('account_types.valid_to', 1) }} as valid_from
    from chart_lines
    inner join account_types
        on
            chart_lines.chart_function = account_types.function
            and chart_lines.chart_grouping = account_types.grouping
    where account_types.valid_to is not null
),

followed as (
    select
        chart_function,
        chart_grouping,
        valid_from,
        lead(valid_from) over (partition by chart_function, chart_grouping order by valid_from)
            as next_valid_from
    from changes
),

periods as (
    select
        chart_function,
        chart_grouping,
        valid_from,
        coalesce({{ add_days('next_valid_from', -1) }}, {{ end_of_time() }}) as valid_to
    from followed
),

chart as (
    select
        periods.chart_function,
        periods.chart_grouping,
        periods.valid_from,
        periods.valid_to,
        functions.name_da as function_name_da,
        functions.name_en as function_name_en,
        functions.budget_frame,
        functions.source as chart_source,
        -- What a profile let through with a local chart is ours: the rest it declared out of scope.
        coalesce(
            functions.in_area,
            periods.chart_function <> '~' and {{ is_local_function('periods.chart_function') }}
        ) as is_in_area,
        coalesce(functions.verified, false) as is_verified,
        account_types.measure_type
    from periods
    left join {{ ref('ref_functions') }} as functions
        on
            periods.chart_function = functions.function
            and periods.valid_from between functions.valid_from and coalesce(
                functions.valid_to, {{ end_of_time() }}
            )
    left join account_types
        on
            periods.chart_function = account_types.function
            and periods.chart_grouping = account_types.grouping
            and periods.valid_from
            between account_types.valid_from and coalesce(account_types.valid_to, {{ end_of_time() }})
)

select
    {{ surrogate_key(['accounts.account', 'chart.valid_from']) }} as account_key,
    accounts.account,
    chart.valid_from,
    chart.valid_to,
    accounts.account_function,
    accounts.account_dranst,
    accounts.account_ownership,
    accounts.account_grouping,
    accounts.account_art,
    coalesce(chart.function_name_da, case when chart.is_in_area then accounts.account_function end)
        as function_name_da,
    coalesce(chart.function_name_en, case when chart.is_in_area then accounts.account_function end)
        as function_name_en,
    chart.budget_frame,
    chart.is_in_area,
    chart.is_verified,
    chart.chart_source,
    -- The series' function: what lies outside the area, or in no chart, is one visible line of its own.
    case when chart.is_in_area then accounts.account_function else 'unknown' end as function,
    coalesce(case when chart.is_in_area then chart.measure_type end, 'unknown') as measure_type
from accounts
inner join chart
    on
        accounts.chart_function = chart.chart_function
        and accounts.chart_grouping = chart.chart_grouping
