-- Every open case is in the review list once, and its priority is what its reasons say.
select
    cases.case_key,
    reviews.reasons,
    reviews.priority
from {{ ref('dim_case') }} as cases
left join {{ ref('fct_case_review') }} as reviews on cases.case_key = reviews.case_key
where
    (cases.is_open and reviews.case_key is null)
    or (reviews.case_key is not null and not cases.is_open)
    or (reviews.reasons > 0) <> (reviews.priority < 4)
