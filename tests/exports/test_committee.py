"""The committee pack: one report in five forms that say the same, to the byte twice."""

import csv
import hashlib
import json
import re
import zipfile
from collections.abc import Callable
from datetime import date
from html.parser import HTMLParser
from io import BytesIO, StringIO
from pathlib import Path

import openpyxl
import pandas as pd
import pypdf
import pytest

from exports.committee import make_pack, pack_files
from exports.disclosure import control
from exports.language import Language
from tests.exports.sample_frames import frames_from, sample_frames, sample_persons

MEETING = date(2026, 12, 9)
LANG = Language("da")
RAW = sample_frames()
SAFE = control(RAW)
FILES = pack_files(RAW, MEETING, "da", None, {"Prophet": "1.5.0"})
Frames = dict[str, pd.DataFrame]


class Text(HTMLParser):
    """All text of a page outside style, one line; and what its images say."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.labels: list[str] = []
        self.links: list[str] = []
        self._silent = False
        self.feed(page.decode("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent = tag in ("style", "script")
        found = dict(attrs)
        if found.get("role") == "img":
            self.labels.append(found.get("aria-label") or "")
        self.links += [found[name] or "" for name in ("src", "href") if name in found]

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data.strip())

    @property
    def text(self) -> str:
        return squeezed(" ".join(self.parts))


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\u00ad", ""))


def pdf_text(body: bytes) -> str:
    return squeezed(" ".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(body)).pages))


def workbook(files: dict[str, bytes]) -> openpyxl.Workbook:
    return openpyxl.load_workbook(BytesIO(files["tal.xlsx"]))


def cells(files: dict[str, bytes]) -> dict[tuple[str, str, str], str]:
    rows = csv.DictReader(StringIO(files["tal.csv"].decode("utf-8")))
    return {(row["table"], row["row"], row["column"]): row["value"] for row in rows}


def total() -> pd.Series:
    outturn = SAFE["rpt_outturn"]
    return outturn[(outturn["level"] == "total") & (outturn["year"] == 2026)].iloc[0]


@pytest.mark.parametrize("column", ["adjusted_budget", "actual_to_date", "mean", "p10", "p90"])
def test_the_same_totals_in_every_file(column: str) -> None:
    value, written = total()[column], LANG.millions(total()[column])
    assert written in pdf_text(FILES["rapport.pdf"])
    assert written in Text(FILES["rapport.html"]).text
    assert float(cells(FILES)["outturn_function", "total", column]) == pytest.approx(value)
    excel = FILES["tal_excel.csv"].decode("utf-8-sig").splitlines()
    line = next(
        line for line in excel if line.startswith(f"outturn_function;total;I alt;{column};")
    )
    assert float(line.split(";")[6].replace(",", ".")) == pytest.approx(value)
    sheet = workbook(FILES)["Områder"]
    last = [cell.value for cell in list(sheet.rows)[-1]]
    assert any(isinstance(cell, float | int) and cell == pytest.approx(value) for cell in last)


def test_every_function_is_in_every_report() -> None:
    functions = SAFE["rpt_outturn"].query("level == 'function' and year == 2026")
    pdf, page = pdf_text(FILES["rapport.pdf"]), Text(FILES["rapport.html"]).text
    for row in functions.itertuples():
        assert squeezed(row.label_da) in pdf
        assert squeezed(row.label_da) in page
        if not row.suppressed:
            interval = LANG.text(
                "format.interval", low=LANG.millions(row.p10), high=LANG.millions(row.p90)
            )
            assert interval in pdf
            assert interval in page


def test_page_one_says_the_number_the_interval_and_the_odds() -> None:
    first = squeezed(pypdf.PdfReader(BytesIO(FILES["rapport.pdf"])).pages[0].extract_text())
    row = total()
    for said in (
        LANG.deviation(row["deviation"]),
        LANG.amount(row["mean"]),
        LANG.amount(row["p10"]),
        LANG.odds(row["probability_over_budget"]),
        "Styr på basis",
        "Ændringer siden sidst",
        "Sådan er tallet lavet",
        LANG.date(MEETING),
    ):
        assert said in first
    assert len(pypdf.PdfReader(BytesIO(FILES["rapport.pdf"])).pages) <= 6


def test_what_is_not_booked_yet_is_a_named_part_of_the_outturn() -> None:
    frames = {name: frame.copy() for name, frame in RAW.items()}
    outturn = frames["rpt_outturn"]
    outturn["open_amount"] = (outturn["actual_to_date"] * 0.01).where(outturn["year"] == 2026)
    files = pack_files(frames, MEETING, "da", None, {})
    amount = float(total()["actual_to_date"]) * 0.01
    first = squeezed(pypdf.PdfReader(BytesIO(files["rapport.pdf"])).pages[0].extract_text())
    assert f"heraf {LANG.amount(amount)} endnu ikke bogført" in first
    assert "Sådan er tallet lavet" in first
    assert f"indgår {LANG.amount(amount)}, der endnu ikke er bogført" in pdf_text(
        files["rapport.pdf"]
    )
    found = cells(files)
    assert float(found["outturn_function", "total", "open_amount"]) == pytest.approx(amount, abs=1)
    hidden = SAFE["rpt_outturn"].query("suppressed and year == 2026 and level == 'function'")
    assert len(hidden)
    for key in hidden["key"]:
        assert found.get(("outturn_function", key, "open_amount"), "") == ""
    # Where nothing comes late, nothing is said of it.
    assert "endnu ikke bogført" not in pdf_text(FILES["rapport.pdf"])
    assert ("outturn_function", "total", "open_amount") not in cells(FILES)


def test_hidden_cells_are_marked_and_explained() -> None:
    for text in (pdf_text(FILES["rapport.pdf"]), Text(FILES["rapport.html"]).text):
        assert "diskr." in text
        assert "færre end 5 børn" in text


def test_nothing_that_is_hidden_is_in_any_file() -> None:
    hidden = SAFE["rpt_outturn"].query("suppressed and year == 2026")
    raw = RAW["rpt_outturn"].set_index(["year", "level", "key"])
    texts = [FILES[name].decode("utf-8-sig") for name in FILES if name.endswith((".csv", ".json"))]
    values = [cell.value for sheet in workbook(FILES) for row in sheet.rows for cell in row]
    numbers = [value for value in values if isinstance(value, int | float)]
    for row in hidden.itertuples():
        truth = raw.loc[(row.year, row.level, row.key)]
        for column in ("actual_to_date", "mean", "p10", "p90", "deviation"):
            assert not any(f"{truth[column]:.2f}" in text for text in texts)
            assert not any(abs(number - truth[column]) < 0.01 for number in numbers)
        assert cells(FILES).get((f"outturn_{row.level}", row.key, "mean"), "") == ""
    for (_, _, column), value in cells(FILES).items():
        if column == "children" and value:
            assert float(value) >= 5


def test_the_pdf_is_tagged_titled_and_in_danish() -> None:
    reader = pypdf.PdfReader(BytesIO(FILES["rapport.pdf"]))
    catalog = reader.trailer["/Root"]
    assert catalog["/MarkInfo"]["/Marked"]
    assert catalog["/Lang"] == "da"
    assert reader.metadata is not None
    assert reader.metadata.title == "Forventet regnskab 2026 på børne- og ungeområdet"
    xmp = catalog["/Metadata"].get_object().get_data().decode("utf-8")
    assert "<pdfuaid:part>1</pdfuaid:part>" in xmp
    assert "<pdfaid:part>2</pdfaid:part>" in xmp


def figures(node: pypdf.generic.DictionaryObject, found: list[str]) -> list[str]:
    """The alternative texts of all figures in a PDF's structure tree."""
    if node.get("/S") == "/Figure":
        found.append(str(node.get("/Alt", "")))
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, list) else [kids]:
        child = kid.get_object()
        if isinstance(child, pypdf.generic.DictionaryObject):
            figures(child, found)
    return found


def test_every_figure_has_an_alternative_text() -> None:
    reader = pypdf.PdfReader(BytesIO(FILES["rapport.pdf"]))
    alts = figures(reader.trailer["/Root"]["/StructTreeRoot"].get_object(), [])
    labels = Text(FILES["rapport.html"]).labels
    assert len(alts) == len(labels) >= 4
    assert all(len(alt) > 30 and re.search(r"\d", alt) for alt in [*alts, *labels])
    assert squeezed(alts[0]) == squeezed(labels[0])


def test_the_workbook_has_a_table_per_sheet_and_charts_with_alternative_text() -> None:
    book = workbook(FILES)
    assert book.sheetnames[0] == "Læs mig"
    for sheet in book:
        assert len(sheet.tables) == 1
        assert next(iter(sheet.tables.values())).ref.startswith("A1:")
        assert not sheet.merged_cells.ranges
        assert not any(cell.data_type == "e" for row in sheet.rows for cell in row)
    assert len(book["Områder"]._charts) == len(book["Måneder"]._charts) == 1
    archive = zipfile.ZipFile(BytesIO(FILES["tal.xlsx"]))
    drawings = [
        name for name in archive.namelist() if re.search(r"drawings/drawing\d+\.xml$", name)
    ]
    xml = [archive.read(name).decode("utf-8") for name in drawings]
    assert len(xml) == 2
    assert all('descr="' in text for text in xml)


def test_the_page_asks_nobody_for_anything() -> None:
    page = Text(FILES["rapport.html"])
    source = FILES["rapport.html"].decode("utf-8")
    assert [link for link in page.links if not link.startswith("#")] == []
    assert "<script" not in source
    assert 'lang="da"' in source
    assert "@import" not in source


def test_both_csv_files_hold_the_same_cells() -> None:
    plain = list(csv.DictReader(StringIO(FILES["tal.csv"].decode("utf-8"))))
    excel = FILES["tal_excel.csv"]
    assert excel.startswith(b"\xef\xbb\xbf")
    other = list(csv.DictReader(StringIO(excel.decode("utf-8-sig")), delimiter=";"))
    assert len(plain) == len(other) > 400
    for mine, theirs in zip(plain, other, strict=True):
        if mine["unit"] in ("kr.", "andel", "antal", "helårspersoner"):
            assert theirs["value"] == mine["value"].replace(".", ",")


def test_the_same_run_gives_the_same_bytes() -> None:
    assert pack_files(sample_frames(), MEETING, "da", None, {"Prophet": "1.5.0"}) == FILES


def test_the_manifest_names_every_file_with_its_hash(tmp_path: Path) -> None:
    written = make_pack(RAW, MEETING, "da", tmp_path / "pack", None, {"Prophet": "1.5.0"})
    assert [path.name for path in written] == list(FILES)
    manifest = json.loads((tmp_path / "pack" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["run_id"] == "20261031-a1b2c3d4"
    assert manifest["as_of"] == "2026-10-31"
    assert manifest["meeting"] == "2026-12-09"
    assert manifest["provenance"] == {"Prophet": "1.5.0"}
    for name, entry in manifest["files"].items():
        body = (tmp_path / "pack" / name).read_bytes()
        assert entry == {"bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}
    assert set(manifest["files"]) == set(FILES) - {"manifest.json"}


def test_changes_are_told_against_the_previous_pack(tmp_path: Path) -> None:
    earlier = sample_frames()
    earlier["rpt_outturn"]["mean"] -= 2_000_000
    earlier["rpt_run"]["as_of"] = pd.Timestamp("2026-08-31")
    make_pack(earlier, date(2026, 10, 7), "da", tmp_path)
    page = Text(pack_files(RAW, MEETING, "da", tmp_path, {})["rapport.html"]).text
    assert "steget med 2,0 mio. kr. siden opgørelsen pr. 31. august 2026" in page


def test_another_manifest_is_refused(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"kind": "published"}', encoding="utf-8")
    with pytest.raises(ValueError, match="committee pack"):
        pack_files(RAW, MEETING, "da", tmp_path, {})


def without_budget() -> Frames:
    return frames_from(sample_persons(), budgeted=False)


def without_cases() -> Frames:
    frames = sample_frames()
    frames["rpt_outturn"]["children"] = 0
    names = ("activity_month", "activity_year", "placement_month", "order_plan")
    return frames | {f"rpt_{name}": frames[f"rpt_{name}"].iloc[:0] for name in names}


def without_forecast() -> Frames:
    frames = sample_frames()
    gone = ["mean", "p10", "p50", "p90", "deviation", "probability_over_budget"]
    frames["rpt_outturn"][gone] = float("nan")
    ahead = ["mean", "p05", "p10", "p25", "p50", "p75", "p90", "p95"]
    frames["rpt_expenditure_month"][ahead] = float("nan")
    return frames


def first_run() -> Frames:
    frames = sample_frames()
    return frames | {"rpt_change": frames["rpt_change"].iloc[:0]}


def nothing_but_a_run() -> Frames:
    frames = sample_frames()
    return {name: frame if name == "rpt_run" else frame.iloc[:0] for name, frame in frames.items()}


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (without_budget, "Der er ikke indlæst et budget"),
        (without_cases, "Der er ikke indlæst sager"),
        (without_forecast, "Der er endnu ingen prognose"),
        (first_run, "Dette er den første rapport"),
        (nothing_but_a_run, "Der er endnu ingen bogførte udgifter"),
    ],
)
def test_what_is_missing_is_said(make: Callable[[], Frames], said: str) -> None:
    files = pack_files(make(), MEETING, "da", None, {})
    for text in (pdf_text(files["rapport.pdf"]), Text(files["rapport.html"]).text):
        assert said in text
        assert "nan" not in text.lower().split()
        assert "None" not in text


def test_no_run_is_an_error() -> None:
    with pytest.raises(LookupError, match="rpt_run"):
        pack_files({}, MEETING, "da", None, {})


def test_the_pack_in_english() -> None:
    files = pack_files(RAW, MEETING, "en", None, {})
    text = pdf_text(files["rapport.pdf"])
    assert "Expected outturn 2026" in text
    assert Language("en").amount(total()["mean"]) in text
    assert "merforbrug" not in Text(files["rapport.html"]).text.lower()
