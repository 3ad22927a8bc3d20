-- Grain: one granted measure that a duty may follow from (measure_key), and in what way.
-- Which types have which duties is reference data (ref_duty_scopes).
select
    measures.measure_key,
    measures.measure_id,
    measures.source_system,
    measures.case_id,
    measures.case_key,
    measures.child_key,
    measures.team,
    measures.caseworker_id,
    measures.starts_on,
    measures.runs_to,
    -- The day from which nothing more is owed; null while the measure runs.
    coalesce(measures.ended_on, case when measures.status = 'ended' then measures.runs_to end) as ended_on,
    measures.is_measure_id_unique,
    scopes.has_plan,
    scopes.has_follow_up,
    scopes.has_supervision,
    case
        when
            scopes.scope = 'placement'
            and (not coalesce(measures.consent, true) or bases.topic = 'placement_no_consent')
            then 'placement_no_consent'
        else scopes.scope
    end as scope,
    measures.load_id
from {{ ref('int_measures') }} as measures
inner join {{ ref('ref_duty_scopes') }} as scopes on measures.measure_type = scopes.measure_type
left join {{ ref('int_legal_bases') }} as bases on measures.legal_basis_key = bases.legal_basis_key
where measures.commitment = 'granted'
