"""The cockpit page: frames in, one self-contained HTML file out.

Belongs here: what is on the page, in which order, with which filters, and the file written.
Not here: how a chart, a table or a sentence is made.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import vl_convert
import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from exports.charts import SHAPES, palette
from exports.charts.theme import LOCALES, VEGA_LITE
from exports.cockpit import figures, tables
from exports.cockpit.figures import Figure
from exports.cockpit.tables import Table
from exports.cockpit.tiles import summaries
from exports.language import Language

HERE = Path(__file__).parent
Frames = dict[str, pd.DataFrame]


def write_cockpit(
    frames: Mapping[str, pd.DataFrame],
    language: str,
    out: Path,
    generated_at: datetime | None = None,
) -> Path:
    """Write `out`/index.html from the reporting tables and give its path.

    `frames`: `rpt_` tables by name, after disclosure control; missing or empty ones are told as
    such on the page. `generated_at`: shown in the footer when given. Raises ValueError when
    rpt_run has no row or the language is unknown.
    """
    html = render(read(frames), Language(language), generated_at)
    out.mkdir(parents=True, exist_ok=True)
    path = out / "index.html"
    path.write_text(html, encoding="utf-8", newline="\n")
    return path


@cache
def settings() -> dict[str, Any]:
    """The rules of `settings.yml`."""
    return dict(yaml.safe_load((HERE / "settings.yml").read_text(encoding="utf-8")))


def read(frames: Mapping[str, pd.DataFrame]) -> Frames:
    """The tables with the columns of `columns.yml`, years limited to those that are offered."""
    declared = yaml.safe_load((HERE / "columns.yml").read_text(encoding="utf-8"))
    result: Frames = {}
    for name, columns in declared.items():
        frame = frames.get(name, pd.DataFrame())
        table = frame.reindex(columns=list(dict.fromkeys([*columns, *frame.columns])))
        table = table.reset_index(drop=True)
        for column in table.columns.intersection(["suppressed", "is_complete"]):
            table[column] = table[column].map(lambda cell: cell is not None and cell == True)  # noqa: E712
        for column in table.columns.intersection(["month", "loaded_at", "as_of"]):
            table[column] = pd.to_datetime(table[column])
        result[name] = table
    if result["rpt_run"].empty:
        raise ValueError("rpt_run has no row: there is no run to show")
    first = int(result["rpt_run"]["current_year"].iloc[0]) - settings()["years_back"]
    for name in ("rpt_outturn", "rpt_activity_year"):
        table = result[name]
        result[name] = table[table["year"] >= first].sort_values("year", kind="stable")
    return result


def render(frames: Frames, lang: Language, generated_at: datetime | None) -> str:
    """The whole page as HTML."""
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=select_autoescape(("html", "jinja")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    context = _context(frames, lang, generated_at)
    page = environment.get_template("page.html.jinja").render(t=lang.text, lang=lang, **context)
    return page + "\n"


def _context(frames: Frames, lang: Language, generated_at: datetime | None) -> dict[str, Any]:
    run = frames["rpt_run"].iloc[0]
    state = {
        "area": "total:total",
        "year": str(int(run["current_year"])),
        "category": "placement",
    }
    charts = _figures(frames, lang)
    filters = _filters(frames, lang, state)
    words = summaries(frames["rpt_outturn"], run["as_of"], lang)
    place = f"{state['year']}|{state['area']}"
    model = {
        "locale": LOCALES[lang.code],
        "state": state,
        "figures": {figure.id: _as_json(figure) for figure in charts},
        "summaries": words,
        "texts": _script_texts(lang),
        "stale_after_hours": settings()["stale_after_hours"],
        "file_prefix": f"raaderum-{run['run_id']}",
        "vega": _vega_locale(lang),
    }
    none = {"headline": lang.text("cockpit.none.outturn"), "tiles": []}
    return {
        "run": run,
        "state": state,
        "filters": filters,
        "figures": {figure.id: figure for figure in charts},
        "summary": words.get(place, none),
        "tables": _tables(frames, lang),
        "load": _load(frames["rpt_load"], lang),
        "load_heading": _load_heading(frames["rpt_load"], lang),
        "order_plan_heading": _plan_heading(frames, lang),
        "quality_heading": _quality_heading(frames["rpt_data_quality"], lang),
        "generated_at": generated_at and generated_at.astimezone(_zone()),
        "model": Markup(_embedded(model)),  # noqa: S704 - `_embedded` escapes what could break out
        "styles": Markup(_styles()),  # noqa: S704 - our own file
        "vega": Markup(_bundle()),  # noqa: S704 - the bundle and our own script
        "script": Markup((HERE / "cockpit.js").read_text(encoding="utf-8")),  # noqa: S704
    }


def _figures(frames: Frames, lang: Language) -> list[Figure]:
    months, outturn = frames["rpt_expenditure_month"], frames["rpt_outturn"]
    placements = frames["rpt_placement_month"]
    return [
        figures.fan(months, lang),
        figures.cumulative(months, outturn, lang),
        *(figures.outturns(outturn, level, lang) for level in figures.LEVELS),
        figures.bridge(frames["rpt_change"], lang),
        figures.activity(frames["rpt_activity_month"], lang),
        figures.price(frames["rpt_activity_year"], lang),
        figures.placed(placements, lang),
        figures.placement(placements, lang),
    ]


def _as_json(figure: Figure) -> dict[str, Any]:
    return {
        "spec": figure.spec,
        "filters": figure.filters,
        "columns": figure.columns,
        "none": figure.none,
        "variants": figure.variants,
        "small": figure.small_multiples,
    }


def _filters(frames: Frames, lang: Language, state: dict[str, str]) -> list[dict[str, Any]]:
    """The three choices: area (grouped by level), year, kind of measure."""
    outturn = frames["rpt_outturn"]
    label = lang.column("label")
    areas = []
    for level in ("total", *figures.LEVELS):
        rows = outturn[outturn["level"] == level].sort_values("sort_order")
        names = rows.drop_duplicates("key", keep="last")
        options = [(f"{level}:{row.key}", getattr(row, label)) for row in names.itertuples()]
        areas.append((lang.text(f"cockpit.level.{level}"), options))
    found = {int(year) for year in outturn["year"]} | {int(state["year"])}
    years = [(str(year), str(year)) for year in sorted(found, reverse=True)]
    kinds = [*frames["rpt_activity_month"]["category"], *frames["rpt_activity_year"]["category"]]
    seen = dict.fromkeys([state["category"], *(str(kind) for kind in kinds if kind is not None)])
    shown = [(kind, lang.text(f"category.{kind}")) for kind in seen if lang.has(f"category.{kind}")]
    return [
        {"name": "area", "groups": areas},
        {"name": "year", "groups": [("", years)]},
        {"name": "category", "groups": [("", shown)]},
    ]


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
    plan = _plan(frames, lang)
    makers = {
        "change": (tables.change_table, frames["rpt_change"]),
        "order_plan": (tables.order_plan_table, plan),
        "load": (tables.load_table, frames["rpt_load"]),
        "quality": (tables.quality_table, frames["rpt_data_quality"]),
    }
    return {
        name: {"": make(frame, lang, name, lang.text(f"cockpit.table.{name}"))}
        for name, (make, frame) in makers.items()
        if not frame.empty
    }


def _plan(frames: Frames, lang: Language) -> pd.DataFrame:
    """This year's order plan. It has Danish labels; the other language's are the outturn's."""
    plan, outturn = frames["rpt_order_plan"], frames["rpt_outturn"]
    plan = plan[plan["year"] == int(frames["rpt_run"]["current_year"].iloc[0])]
    types = outturn[outturn["level"] == "measure_type"].drop_duplicates("key", keep="last")
    names = dict(zip(types["key"], types[lang.column("label")], strict=True))
    return plan.assign(label=plan["measure_type"].map(names).fillna(plan["label_da"]))


def _plan_heading(frames: Frames, lang: Language) -> str:
    """How many lines are above plan, and which is furthest from it."""
    plan = _plan(frames, lang)
    actual, planned = (
        pd.to_numeric(plan[f"{name}_full_year_persons"]) for name in ("actual", "planned")
    )
    difference = (actual - planned).astype(float)
    if not difference.notna().any():
        return ""
    furthest = plan.loc[difference.abs().idxmax()]
    step = float(difference.abs().max())
    return lang.text(
        "cockpit.heading.order_plan",
        above=int((difference > 0).sum()),
        count=int(difference.notna().sum()),
        label=furthest["label"],
        sector=lang.text(f"sector.{furthest['sector']}").lower(),
        step=("+" if difference[difference.abs().idxmax()] > 0 else "−") + lang.number(step, 1),
    )


def _load(frame: pd.DataFrame, lang: Language) -> dict[str, str] | None:
    """When the newest file was loaded: for the script (UTC) and for the reader (local)."""
    newest = frame["loaded_at"].max() if len(frame) else pd.NaT
    if pd.isna(newest):
        return None
    moment = newest.to_pydatetime().replace(tzinfo=UTC)
    local = moment.astimezone(_zone())
    shown = lang.text("cockpit.moment", date=lang.date(local), time=f"{local:%H.%M}")
    return {"utc": moment.isoformat(), "text": shown}


def _load_heading(frame: pd.DataFrame, lang: Language) -> str:
    if frame.empty:
        return ""
    names = ("rows_read", "rows_loaded", "rows_rejected")
    sums = {name.removeprefix("rows_"): lang.number(frame[name].sum()) for name in names}
    return lang.text("cockpit.heading.load", files=lang.number(len(frame)), **sums)


def _quality_heading(frame: pd.DataFrame, lang: Language) -> str:
    if frame.empty:
        return ""
    rules, rows = lang.number(frame["rule"].nunique()), lang.number(frame["rows"].sum())
    return lang.text("cockpit.heading.quality", rules=rules, rows=rows)


def _zone() -> ZoneInfo:
    return ZoneInfo(settings()["time_zone"])


def _script_texts(lang: Language) -> dict[str, str]:
    limit = settings()["stale_after_hours"]
    # {hours} is filled in by the script, which alone knows the time of reading.
    ages = {name: lang.text(f"cockpit.script.{name}", hours="{hours}", limit=limit)
            for name in ("age", "stale")}  # fmt: skip
    themes = {name: lang.text(f"cockpit.script.{name}") for name in ("dark", "light")}
    states = {f"status_{name}": lang.text(f"charts.status.{name}") for name in SHAPES}
    return {**ages, **themes, **states, "missing": lang.text("format.missing")}


def _vega_locale(lang: Language) -> dict[str, Any]:
    """Both of Vega's locales: without the second, months are in English."""
    name = LOCALES[lang.code]
    return {
        "formatLocale": vl_convert.get_format_locale(name),
        "timeFormatLocale": vl_convert.get_time_format_locale(name),
    }


def _embedded(model: dict[str, Any]) -> str:
    """JSON that cannot end the script element it stands in."""
    text = json.dumps(model, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _styles() -> str:
    """The style sheet with the palette as variables: light, dark, and light again on paper."""
    light = "".join(f"--{name}:{tones['light']};" for name, tones in palette().items())
    dark = "".join(f"--{name}:{tones['dark']};" for name, tones in palette().items())
    return (
        f":root{{color-scheme:light;{light}}}\n"
        f":root[data-theme=dark]{{color-scheme:dark;{dark}}}\n"
        f"@media (prefers-color-scheme:dark){{:root:not([data-theme=light])"
        f"{{color-scheme:dark;{dark}}}}}\n"
        + (HERE / "style.css").read_text(encoding="utf-8")
        + f"\n@media print{{:root,:root[data-theme],:root:not([data-theme=light])"
        f"{{color-scheme:light;{light}}}}}\n"
    )


@cache
def _bundle() -> str:
    """Vega, Vega-Lite and vega-embed as one module, safe inside a script element."""
    code = vl_convert.javascript_bundle("window.vegaEmbed=vegaEmbed;", vl_version=VEGA_LITE)
    return str(code).replace("</script", "<\\/script")
