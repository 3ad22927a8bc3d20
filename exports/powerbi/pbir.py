"""The report as PBIR files: pages, visuals, where they stand and what they say to a screen reader.

What belongs here: Microsoft's JSON for what pages.yml declares. What does not: the model.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from exports.powerbi.model import MEASURES, Model, PowerBIError

PAGES = Path(__file__).with_name("pages.yml")
_SCHEMAS = "https://developer.microsoft.com/json-schemas/fabric/item/report"
# Older versions than the newest: a municipality's Power BI Desktop may lag behind.
_REPORT = f"{_SCHEMAS}/definition/report/3.0.0/schema.json"
_PAGE = f"{_SCHEMAS}/definition/page/2.0.0/schema.json"
_VISUAL = f"{_SCHEMAS}/definition/visualContainer/2.0.0/schema.json"
_PAGE_LIST = f"{_SCHEMAS}/definition/pagesMetadata/1.0.0/schema.json"
_VERSION = f"{_SCHEMAS}/definition/versionMetadata/1.0.0/schema.json"

_WIDTH, _HEIGHT, _GAP = 1280, 720, 16
# Rows of a page from above: where each starts and how high it is.
_SLICERS, _CARDS, _VISUALS = (16, 64), (96, 96), (208, 496)
_ROLES = {
    "card": (None, "Values"),
    "slicer": ("Values", None),
    "tableEx": ("Values", "Values"),
    "lineChart": ("Category", "Y"),
    "clusteredColumnChart": ("Category", "Y"),
    "clusteredBarChart": ("Category", "Y"),
}
_COLOURED = {"Datastatus": "Statusfarve"}
"""Cards whose text takes its colour from another measure."""

Json = dict[str, Any]


def report_files(model: Model, pages: Path = PAGES) -> dict[str, Json]:
    """The files of the report's `definition/`, by path. Raises PowerBIError for an unknown kind."""
    declared = yaml.safe_load(pages.read_text(encoding="utf-8"))
    order = [_page_id(page["key"]) for page in declared["pages"]]
    files: dict[str, Json] = {
        "version.json": {"$schema": _VERSION, "version": "2.0.0"},
        "report.json": {"$schema": _REPORT, "themeCollection": {}},
        "pages/pages.json": {
            "$schema": _PAGE_LIST,
            "pageOrder": order,
            "activePageName": order[0],
        },
    }
    for page in declared["pages"]:
        folder = f"pages/{_page_id(page['key'])}"
        files[f"{folder}/page.json"] = {
            "$schema": _PAGE,
            "name": _page_id(page["key"]),
            "displayName": page["title"],
            "displayOption": "FitToPage",
            "height": _HEIGHT,
            "width": _WIDTH,
        }
        for visual in _visuals(page, declared["slicers"], model):
            files[f"{folder}/visuals/{visual['name']}/visual.json"] = visual
    return files


def _page_id(key: str) -> str:
    return "ReportSection" + _hash("page", key, length=24)


def _hash(*parts: str, length: int = 20) -> str:
    return hashlib.sha256("/".join(parts).encode()).hexdigest()[:length]


def _visuals(page: Mapping[str, Any], slicers: Sequence[str], model: Model) -> Iterator[Json]:
    """The visuals in reading order: slicers, cards, then charts and tables."""
    key, tab = page["key"], 0
    for row, (top, height), items in (
        ("slicer", _SLICERS, [_slicer(column, model) for column in slicers]),
        ("card", _CARDS, [_card(measure, model) for measure in page["cards"]]),
        ("visual", _VISUALS, [(item["kind"], item) for item in page["visuals"]]),
    ):
        width = (_WIDTH - _GAP * (len(items) + 1)) / max(len(items), 1)
        for index, (kind, item) in enumerate(items):
            yield {
                "$schema": _VISUAL,
                "name": _hash(key, row, str(index)),
                "position": {
                    "x": round(_GAP + index * (width + _GAP), 2),
                    "y": top,
                    "z": tab,
                    "height": height,
                    "width": round(width, 2),
                    "tabOrder": tab,
                },
                "visual": _visual(kind, item, model),
            }
            tab += 1


def _slicer(column: str, model: Model) -> tuple[str, Json]:
    table, name = column.split(".")
    title = model.table(table).column(name).name
    return "slicer", {"title": title, "by": [column], "values": []}


def _card(measure: str, model: Model) -> tuple[str, Json]:
    return "card", {"title": model.measure(measure).name, "by": [], "values": [measure]}


def _visual(kind: str, item: Mapping[str, Any], model: Model) -> Json:
    if kind not in _ROLES:
        raise PowerBIError(f"pages.yml: {kind} is not one of {', '.join(_ROLES)}")
    by_role, value_role = _ROLES[kind]
    state: dict[str, Json] = {}
    columns = [_column(column, model) for column in item["by"]]
    values = [_measure(measure, model) for measure in item["values"]]
    for role, fields in ((by_role, columns), (value_role, values)):
        if role and fields:
            state.setdefault(role, {"projections": []})["projections"] += fields
    names = [field["nativeQueryRef"] for field in (*values, *columns)]
    found: Json = {
        "visualType": kind,
        "query": {"queryState": state},
        "visualContainerObjects": {
            "title": [{"properties": {"show": _literal("true"), "text": _said(item["title"])}}],
            "general": [
                {"properties": {"altText": _said(f"{item['title']}: {', '.join(names)}.")}}
            ],
        },
        "drillFilterOtherVisuals": True,
    }
    coloured = [_COLOURED[measure] for measure in item["values"] if measure in _COLOURED]
    if kind == "card" and coloured:
        colour = {"solid": {"color": {"expr": _measure(coloured[0], model)["field"]}}}
        found["objects"] = {"labels": [{"properties": {"color": colour}}]}
    return found


def _column(text: str, model: Model) -> Json:
    source, name = text.split(".")
    table = model.table(source)
    return _field("Column", table.name, table.column(name).name)


def _measure(source: str, model: Model) -> Json:
    return _field("Measure", MEASURES, model.measure(source).name)


def _field(kind: str, entity: str, name: str) -> Json:
    return {
        "field": {kind: {"Expression": {"SourceRef": {"Entity": entity}}, "Property": name}},
        "queryRef": f"{entity}.{name}",
        "nativeQueryRef": name,
    }


def _literal(text: str) -> Json:
    return {"expr": {"Literal": {"Value": text}}}


def _said(text: str) -> Json:
    return _literal("'" + text.replace("'", "''") + "'")
