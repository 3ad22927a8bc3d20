"""How the forecast has hit so far: the pack's chapter of accuracy, for a lay politician.

Belongs here: which scores are told, the table, the sentences around it. Not here: the scoring
(`rpt_forecast_accuracy` is made in the warehouse), layout.
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from exports.committee.model import Chapter, Column, Row, Table, is_missing
from exports.committee.tables import Record, records
from exports.language import Language

RULES = ("last_year", "last_year_month", "run_rate", "profile", "committed")
"""What an economist goes by without a model; `committed` is told of years alone."""
_MEANT = {"measure": "net_expenditure", "level": "total"}


def accuracy_chapter(accuracy: pd.DataFrame | None, lang: Language) -> Chapter:
    """What forecasts of the area's whole expenditure were worth. Forecasts that were published are
    told; until a month has come after one, what tonight's engine would have said in the past."""
    found = records(accuracy, **_MEANT)
    published = [row for row in found if row["kind"] == "published"]
    rows = sorted(published or found, key=lambda row: (row["span"], row["sort_order"]))
    table = _table(rows, lang)
    heading = lang.text("committee.heading.accuracy")
    if not rows:
        return Chapter(heading)
    said = [lang.text(f"committee.accuracy.{'published' if published else 'tried'}")]
    months = [row for row in rows if row["span"] == "month"]
    said += [*_missed(months, lang), *_held(months, lang)]
    return Chapter(heading, said, (), [table])


def _missed(months: Sequence[Record], lang: Language) -> list[str]:
    """The mean error beside the best rule of thumb's, over the classes of months ahead."""
    own = _mean(months, "wape")
    rules = {name: _mean(months, f"wape_{name}") for name in RULES[:-1]}
    known = {name: error for name, error in rules.items() if error is not None}
    if own is None or not known:
        return []
    best = min(known, key=lambda name: known[name])
    key = "better" if own <= known[best] else "worse"
    return [
        lang.text(
            f"committee.accuracy.{key}",
            own=lang.percent(own, 1),
            rule=lang.text(f"committee.accuracy.rule.{best}"),
            best=lang.percent(known[best], 1),
        )
    ]


def _held(months: Sequence[Record], lang: Language) -> list[str]:
    share = _mean(months, "coverage_80")
    if share is None:
        return []
    number = sum(int(row["scored"]) for row in months)
    return [
        lang.text("committee.accuracy.held", share=lang.percent(share), number=lang.number(number))
    ]


def _mean(rows: Sequence[Mapping[str, object]], column: str) -> float | None:
    """The mean over the rows' forecasts; None where no row has the value."""
    told = [row for row in rows if not is_missing(row[column])]
    scored = sum(int(str(row["scored"])) for row in told)
    if not scored:
        return None
    return sum(float(str(row[column])) * int(str(row["scored"])) for row in told) / scored


def _table(rows: Sequence[Record], lang: Language) -> Table:
    columns = [
        Column("label", lang.text("committee.column.horizon"), "text"),
        Column("scored", lang.text("committee.column.scored"), "count"),
        Column("wape", lang.text("committee.column.missed"), "percent"),
        *(
            Column(f"wape_{name}", lang.text(f"committee.column.rule_{name}"), "percent")
            for name in RULES
        ),
        Column("coverage_80", lang.text("committee.column.held"), "percent", decimals=0),
    ]
    return Table(
        "accuracy",
        lang.text("committee.table.accuracy"),
        columns,
        [
            Row(f"{row['span']}|{row['horizon_bin']}", row | {"label": _label(row, lang)})
            for row in rows
        ],
        lang.text("committee.note.accuracy"),
    )


def _label(row: Record, lang: Language) -> str:
    """The class of horizons in words: `month` 2-3 is two to three months ahead."""
    months = str(row["horizon_bin"]).removesuffix(" known")
    if row["span"] == "year" and months == "before":
        return lang.text("committee.accuracy.year_before")
    if months.endswith("-"):
        return lang.text("committee.accuracy.month_beyond", months=months[:-1])
    return lang.text(f"committee.accuracy.{row['span']}", months=months.replace("-", "–"))
