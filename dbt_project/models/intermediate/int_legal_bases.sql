-- Grain: one provision of Serviceloven or Barnets Lov (law, paragraph, stk, nr).
-- A topic holds the two laws' provisions for the same thing: that is the bridge between them.
select
    {{ surrogate_key(['law', 'paragraph', 'stk', 'nr']) }} as legal_basis_key,
    law,
    paragraph,
    stk,
    nr,
    topic,
    label_da,
    label_en,
    law || ' § ' || paragraph
    || coalesce(', stk. ' || stk, '')
    || coalesce(', nr. ' || nr, '') as legal_basis,
    valid_from,
    valid_to,
    source,
    verified as is_verified
from {{ ref('ref_legal_bases') }}
