-- Grain: one case in one month at whose end it is open (case_key, month), to the last month that is over.
select
    cases.case_key,
    cases.person_id,
    cases.team,
    cases.caseworker_id,
    months.month
from {{ ref('int_cases') }} as cases
cross join {{ ref('int_run') }} as run
inner join {{ ref('int_months') }} as months
    on
        cases.opened_on <= months.month_end
        and run.as_of >= months.month_end
        and run.first_activity_month <= months.month
        and coalesce(cases.closed_on > months.month_end, true)
