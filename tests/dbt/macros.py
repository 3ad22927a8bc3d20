"""dbt macros as SQL, without dbt: for tests that ask them many times.

Belongs here: rendering a macro of the project over views in DuckDB. Does not: what must hold.
"""

from typing import Any

import jinja2

from tests.dbt.raw_layer import ROOT

_MACROS = ROOT / "dbt_project" / "macros"


def rendered(file: str, call: str, **variables: Any) -> str:
    """The SQL of a macro's call: a source is a table in `raw`, a model one of its own name."""
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        autoescape=jinja2.select_autoescape(default_for_string=False),
    )
    text = (_MACROS / file).read_text(encoding="utf-8")
    template = environment.from_string(text + "{{ " + call + " }}")
    return template.render(
        source=lambda schema, table: f"{schema}.{table}",
        ref=lambda model: model,
        var=lambda name, default=None: variables.get(name, default),
    )
