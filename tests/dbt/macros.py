"""dbt macros as SQL, without dbt: for tests that ask them many times, or on another database.

Belongs here: rendering a macro of the project over tables named as models. Not: what must hold.
"""

from types import SimpleNamespace
from typing import Any

import jinja2

from tests.dbt.raw_layer import ROOT

_MACROS = ROOT / "dbt_project" / "macros"


def rendered(file: str, call: str, database: str = "duckdb", **variables: Any) -> str:
    """The SQL of a macro's call: a source is a table in `raw`, a model one of its own name.

    As in dbt, `adapter.dispatch` finds the form of `database` in the same file, or the default.
    """
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        autoescape=jinja2.select_autoescape(default_for_string=False),
        extensions=["jinja2.ext.do"],
    )
    text = (_MACROS / file).read_text(encoding="utf-8")
    given: dict[str, Any] = {
        "source": lambda schema, table: f"{schema}.{table}",
        "ref": lambda model: model,
        "var": lambda name, default=None: variables.get(name, default),
        "dbt": SimpleNamespace(type_string=lambda: "varchar"),
    }

    def dispatch(name: str, _package: str) -> Any:
        return getattr(forms, f"{database}__{name}", None) or getattr(forms, f"default__{name}")

    given["adapter"] = SimpleNamespace(dispatch=dispatch)
    given["raaderum"] = SimpleNamespace()
    forms = environment.from_string(text).make_module(given)
    given["raaderum"].__dict__.update(vars(forms))
    return environment.from_string(text + "{{ " + call + " }}").render(given)
