-- Grain: one written legal basis under one default law (written_basis, default_law).
-- Case systems write "SEL § 52, stk. 3, nr. 7", "Barnets Lov §46" or "52-3.7"; the reference list knows law,
-- paragraph, stk and nr. Where no law is named, it is the one in force when the measure began.
with barnets_lov as (
    select min(valid_from) as in_force_on
    from {{ ref('int_legal_bases') }}
    where law = 'BL'
),

written as (
    select distinct
        measures.legal_basis as written_basis,
        case when measures.starts_on < barnets_lov.in_force_on then 'SEL' else 'BL' end as default_law
    from {{ ref('stg_cases__measures') }} as measures
    cross join barnets_lov
    where measures.legal_basis is not null
),

parsed as (
    select
        written_basis,
        default_law,
        case
            when lower(written_basis) like '%barnets%' or upper(written_basis) like '%BL%' then 'BL'
            when lower(written_basis) like '%service%' or upper(written_basis) like '%SEL%' then 'SEL'
            else default_law
        end as law,
        replace(
            lower(
                coalesce(
                    {{ regex_group('written_basis', '§+\\s*(\\d+\\s?[A-Za-z]?)\\b') }},
                    {{ regex_group('written_basis', '(\\d+[A-Za-z]?)\\s*-') }},
                    {{ regex_group('written_basis', '(\\d+\\s?[A-Za-z]?)\\b') }}
                )
            ), ' ', ''
        ) as paragraph,
        coalesce(
            {{ regex_group('lower(written_basis)', 'stk\\.?\\s*(\\d+)') }},
            {{ regex_group('written_basis', '\\d+[A-Za-z]?\\s*-\\s*(\\d+)') }}
        ) as stk,
        coalesce(
            {{ regex_group('lower(written_basis)', 'nr\\.?\\s*(\\d+)') }},
            {{ regex_group('written_basis', '\\d+[A-Za-z]?\\s*-\\s*\\d+\\.(\\d+)') }}
        ) as nr
    from written
),

candidates as (
    select
        parsed.*,
        bases.legal_basis_key,
        -- The most exact line of the list: with nr before with stk before the paragraph alone.
        row_number() over (
            partition by parsed.written_basis, parsed.default_law
            order by
                case when bases.nr is null then 1 else 0 end,
                case when bases.stk is null then 1 else 0 end,
                bases.legal_basis_key
        ) as preference
    from parsed
    left join {{ ref('int_legal_bases') }} as bases
        on
            parsed.law = bases.law
            and parsed.paragraph = bases.paragraph
            and (bases.stk is null or parsed.stk = bases.stk)
            and (bases.nr is null or parsed.nr = bases.nr)
)

select
    written_basis,
    default_law,
    law,
    paragraph,
    stk,
    nr,
    coalesce(legal_basis_key, -1) as legal_basis_key
from candidates
where preference = 1
