"""The cockpit page: frames in, one self-contained HTML file out.

Belongs here: the page put together for its reader, and the file written. Not here: what stands on
which page (`layout`), how a chart, a table or a sentence is made.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import vl_convert
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from exports.charts.theme import LOCALES
from exports.cockpit import figures, tables
from exports.cockpit.assets import as_json, bundle, packed, script, styles
from exports.cockpit.blocks import block_figure, blocks
from exports.cockpit.figures import Figure
from exports.cockpit.headings import load_heading, loaded, local_time, quality_heading
from exports.cockpit.inputs import HERE, Frames, read, settings
from exports.cockpit.layout import filter_choices, first_state, pages
from exports.cockpit.tables import Table
from exports.cockpit.tiles import summaries
from exports.language import Language
from exports.status import MARKS, status_note, status_word

Edition = Literal["others", "economists"]


def write_cockpit(
    frames: Mapping[str, pd.DataFrame],
    language: str,
    out: Path,
    generated_at: datetime | None = None,
    edition: Edition = "others",
) -> Path:
    """Write `out`/index.html from the reporting tables and give its path.

    `frames`: `rpt_` tables by name, for `others` after disclosure control; missing or empty ones
    are told as such on the page. `generated_at`: shown in the footer when given. What the edition
    may not show is not in the file. Raises ValueError when rpt_run has no row or the language is
    unknown.
    """
    html = render(read(frames), Language(language), generated_at, edition)
    out.mkdir(parents=True, exist_ok=True)
    path = out / "index.html"
    path.write_text(html, encoding="utf-8", newline="\n")
    return path


def render(
    frames: Frames, lang: Language, generated_at: datetime | None, edition: Edition = "others"
) -> str:
    """The whole page as HTML."""
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=select_autoescape(("html", "jinja")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    context = _context(frames, lang, generated_at, edition)
    page = environment.get_template("page.html.jinja").render(t=lang.text, lang=lang, **context)
    return page + "\n"


def _context(
    frames: Frames, lang: Language, generated_at: datetime | None, edition: Edition
) -> dict[str, Any]:
    run = frames["rpt_run"].iloc[0]
    charts = {figure.id: figure for figure in _figures(frames, lang, edition)}
    filters = filter_choices(frames, lang)
    state = first_state(frames, filters)
    words = summaries(frames["rpt_outturn"], run["as_of"], lang)
    model = {
        "locale": LOCALES[lang.code],
        "state": state,
        "figures": {name: _as_json(figure) for name, figure in charts.items()},
        "summaries": words,
        "texts": _script_texts(lang),
        "stale_after_hours": settings()["stale_after_hours"],
        "file_prefix": f"raaderum-{run['run_id']}",
        "vega": _vega_locale(lang),
    }
    none = {"headline": lang.text("cockpit.none.outturn"), "tiles": []}
    return {
        "run": run,
        "edition": edition,
        "state": state,
        "filters": filters,
        "pages": pages(charts, [choice.name for choice in filters]),
        "figures": charts,
        "summary": words.get(f"{state['year']}|{state['area']}", none),
        "tables": _tables(frames, lang),
        "load": loaded(frames["rpt_load"], lang),
        "status_note": status_note(lang),
        "headings": {
            "load": load_heading(frames["rpt_load"], lang),
            "quality": quality_heading(frames["rpt_data_quality"], lang),
        },
        "generated_at": generated_at and local_time(generated_at),
        "model": packed(as_json(model)),
        "styles": styles(),
        "vega": bundle(),
        "script": script(),
    }


def _figures(frames: Frames, lang: Language, edition: Edition) -> list[Figure]:
    """Every chart that the edition may show."""
    months, outturn = frames["rpt_expenditure_month"], frames["rpt_outturn"]
    placements = frames["rpt_placement_month"]
    return [
        figures.fan(months, lang),
        figures.cumulative(months, outturn, lang),
        *(figures.outturns(outturn, level, lang) for level in figures.LEVELS),
        figures.bridge(frames["rpt_change"], lang),
        figures.activity(frames["rpt_activity_month"], outturn, lang),
        figures.price(frames["rpt_activity_year"], lang),
        figures.placed(placements, lang),
        figures.placement(placements, lang),
        *(
            block_figure(block, frames, lang)
            for block in blocks().values()
            if edition == "economists" or not block.economists_only
        ),
    ]


def _as_json(figure: Figure) -> dict[str, Any]:
    return {
        "spec": figure.spec,
        "filters": figure.filters,
        "columns": figure.columns,
        "forms": figure.forms,
        "series": figure.series,
        "none": figure.none,
        "pools": figure.pools,
        "variants": figure.variants,
        "small": figure.small_multiples,
    }


def _tables(frames: Frames, lang: Language) -> dict[str, dict[str, Table]]:
    """Tables by place, then by the filter value that shows them (empty: always)."""
    outturn, years = frames["rpt_outturn"], frames["rpt_activity_year"]
    result: dict[str, dict[str, Table]] = {}
    for level in figures.LEVELS:
        rows = outturn[outturn["level"].isin(["total", level])].sort_values("sort_order")
        place = f"outturn_{level}"
        result[place] = {
            str(year): tables.outturn_table(
                group, lang, f"{place}-{year}", lang.text(f"cockpit.table.{place}", year=year)
            )
            for year, group in rows.groupby("year")
        }
    result["activity_year"] = {
        str(year): tables.activity_table(
            group, lang, f"activity-{year}", lang.text("cockpit.table.activity", year=year)
        )
        for year, group in years.groupby("year")
    }
    return result | _plain_tables(frames, lang)


def _plain_tables(frames: Frames, lang: Language) -> dict[str, dict[str, Table]]:
    makers = {
        "change": (tables.change_table, frames["rpt_change"]),
        "load": (tables.load_table, frames["rpt_load"]),
        "quality": (tables.quality_table, frames["rpt_data_quality"]),
    }
    result: dict[str, dict[str, Table]] = {}
    for name, (make, frame) in makers.items():
        table = make(frame, lang, f"table-{name}", lang.text(f"cockpit.table.{name}"))
        result[name] = {"": table} if table.rows else {}
    return result


def _script_texts(lang: Language) -> dict[str, str]:
    limit = settings()["stale_after_hours"]
    # {hours} is filled in by the script, which alone knows the time of reading.
    ages = {name: lang.text(f"cockpit.script.{name}", hours="{hours}", limit=limit)
            for name in ("age", "stale")}  # fmt: skip
    themes = {name: lang.text(f"cockpit.script.{name}") for name in ("dark", "light")}
    states = {f"status_{name}": status_word(name, lang) for name in MARKS}
    shared = {name: lang.text(f"format.{name}") for name in ("missing", "suppressed")}
    return {**ages, **themes, **states, **shared}


def _vega_locale(lang: Language) -> dict[str, Any]:
    """Both of Vega's locales: without the second, months are in English."""
    name = LOCALES[lang.code]
    return {
        "formatLocale": vl_convert.get_format_locale(name),
        "timeFormatLocale": vl_convert.get_time_format_locale(name),
    }
