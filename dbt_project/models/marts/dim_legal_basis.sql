-- Grain: one provision of Serviceloven or Barnets Lov, and −1 for unknown. `topic` bridges the two laws.
with counterparts as (
    select
        own.legal_basis_key,
        {{ sorted_list("other.legal_basis", "; ") }} as counterpart
    from {{ ref('int_legal_bases') }} as own
    inner join {{ ref('int_legal_bases') }} as other on own.topic = other.topic and own.law <> other.law
    group by own.legal_basis_key
)

select
    bases.legal_basis_key,
    bases.legal_basis,
    bases.law,
    bases.paragraph,
    bases.stk,
    bases.nr,
    bases.topic,
    bases.label_da,
    bases.label_en,
    counterparts.counterpart,
    bases.valid_from,
    bases.valid_to,
    bases.source,
    bases.is_verified
from {{ ref('int_legal_bases') }} as bases
left join counterparts on bases.legal_basis_key = counterparts.legal_basis_key
union all
select
    cast(-1 as bigint) as legal_basis_key,
    key as legal_basis,
    cast(null as {{ dbt.type_string() }}) as law,
    cast(null as {{ dbt.type_string() }}) as paragraph,
    cast(null as {{ dbt.type_string() }}) as stk,
    cast(null as {{ dbt.type_string() }}) as nr,
    cast(null as {{ dbt.type_string() }}) as topic,
    label_da,
    label_en,
    cast(null as {{ dbt.type_string() }}) as counterpart,
    cast(null as date) as valid_from,
    cast(null as date) as valid_to,
    cast(null as {{ dbt.type_string() }}) as source,
    false as is_verified
from {{ ref('ref_labels') }}
where scope = 'member' and key = 'unknown'
