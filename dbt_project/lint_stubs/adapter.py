"""dbt's adapter as sqlfluff's Jinja templater sees it: dispatched macros as SQL of their shape.

Belongs here: what macros/portable.sql dispatches. Never run.
"""

from collections.abc import Callable

_TABLES = {"day_series": "select cast({0} as date) as date_day"}


def dispatch(name: str, _package: str) -> Callable[..., str]:
    """A call of the same name, or a query where the macro stands for one."""

    def render(*arguments: object) -> str:
        if name in _TABLES:
            return _TABLES[name].format(*arguments)
        return f"{name}({', '.join(str(argument) for argument in arguments[:1])})"

    return render
