"""The cockpit in a real Chromium: no request, no error, keyboard, accessibility, light and dark.

Skipped, with the reason, where there is no Chromium.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from exports.cockpit import write_cockpit
from exports.cockpit.blocks import blocks
from exports.disclosure import control
from tests.exports.sample_frames import sample_frames
from tests.exports.sample_reports import report_frames

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome",
                                                "google-chrome", "msedge"))), None)  # fmt: skip
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
DRAWN = "html[data-charts=drawn]"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium found on the path"),
]


@dataclass
class Watch:
    """What a page said and asked for."""

    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def over(self, page: Page) -> None:
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: self.errors.append(message.text))


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    reports = {name: frame for name, frame in report_frames().items() if name.startswith("rpt_")}
    frames = control({**sample_frames(), **reports})
    # Two loads a day apart from the tests' clock: old by any clock that the test may meet.
    made = datetime(2026, 11, 1, 5, 0, tzinfo=UTC)
    return write_cockpit(frames, "da", tmp_path_factory.mktemp("cockpit"), made).as_uri()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1400, "height": 900}, locale="da-DK")
    opened.set_default_timeout(60_000)
    yield opened
    opened.close()


def visit(page: Page, address: str) -> None:
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector(DRAWN)


def settled(page: Page, name: str, value: str) -> None:
    """Wait for the address to hold the choice, and for the charts that follow from it."""
    held = "([name, value]) => new URLSearchParams(location.hash.slice(1)).get(name) === value"
    page.wait_for_function(held, arg=[name, value])
    page.wait_for_selector(DRAWN)


def axe_findings(page: Page) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{rule['id']}: {node['html'][:120]}" for rule in found for node in rule["nodes"]]


def test_page_asks_for_nothing_and_reports_no_error(page: Page, address: str) -> None:
    watch = Watch()
    watch.over(page)
    visit(page, address + "#page=all")
    asked = {url.split("#")[0] for url in watch.requests if not url.startswith(("data:", "about:"))}
    assert asked == {address}
    assert watch.errors == []
    # The page for others has every chart but the economists' own; a hidden one has no plot.
    public = [block for block in blocks().values() if not block.economists_only]
    assert page.locator("[data-figure]").count() == len(public) + 9
    shown = page.locator("[data-figure] .plot:visible").count()
    assert page.locator("[data-figure] .plot svg").count() == shown > len(public)


@pytest.mark.parametrize(("width", "scheme"), [(1400, "light"), (390, "dark")])
def test_axe_finds_nothing(browser: Browser, address: str, width: int, scheme: str) -> None:
    page = browser.new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)
    visit(page, address + "#page=all")
    # One opened table stands for all: they are made alike, and axe looks at every cell.
    for details in page.locator("details.folded, #overview details").all():
        details.evaluate("element => { element.open = true; }")
    assert axe_findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_each_page_fits_a_phone_and_shows_its_filters_alone(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    visit(page, address)
    keys = [str(link.get_attribute("data-page")) for link in page.locator("nav a").all()]
    assert len(keys) == 17
    for key in keys[:-1]:
        visit(page, f"{address}#page={key}")
        assert page.locator("main > section:visible").count() == 1, key
        expect(page.locator(f"#{key}")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, key
        declared = str(page.locator(f"#{key}").get_attribute("data-filters")).split()
        shown = page.locator(".filters select:visible").evaluate_all("all => all.map(s => s.name)")
        assert sorted(shown) == sorted(declared), key
    page.close()


def test_every_filter_works_by_keyboard_and_stays_in_the_address(page: Page, address: str) -> None:
    visit(page, address + "#page=all")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    for _ in range(18):
        page.keyboard.press("Tab")
    names = ["area", "year", "sector", "category", "district", "team", "duty", "scenario"]
    found = page.locator(".filters select").evaluate_all("all => all.map(s => s.name)")
    assert found == names
    for name in names:
        select = page.locator(f"#filter-{name}")
        expect(select).to_be_focused()
        if select.locator("option").count() > 1:
            before = select.input_value()
            page.keyboard.press("ArrowDown")
            settled(page, name, select.input_value())
            assert select.input_value() != before
        page.keyboard.press("Tab")
    assert page.locator("#outturn_function-2025").is_visible()
    assert page.locator("#outturn_function-2026").is_hidden()
    assert "Familie 1" in page.locator("#caseload-finding").inner_text()

    link = page.url
    findings = page.locator("[data-figure] h3").all_inner_texts()
    visit(page, link)
    assert page.locator("[data-figure] h3").all_inner_texts() == findings
    assert page.locator("#filter-area").input_value().startswith("function:")


def test_links_to_pages_keep_the_state_and_move_the_focus(page: Page, address: str) -> None:
    visit(page, address + "#area=function:5.28.22&year=2025&category=placement")
    link = page.locator("nav a", has_text="Indlæsning")
    assert "year=2025" in str(link.get_attribute("href"))
    link.press("Enter")
    expect(page.locator("#load")).to_be_focused()
    expect(page.locator("#overview")).to_be_hidden()
    assert "page=load" in page.url
    page.go_back()
    expect(page.locator("#overview")).to_be_visible()
    assert page.locator("#filter-year").input_value() == "2025"


def test_unknown_state_in_the_address_falls_back(page: Page, address: str) -> None:
    visit(page, address + "#page=nowhere&area=nowhere&year=1900&category=<b>")
    expect(page.locator("#overview")).to_be_visible()
    assert page.locator("#filter-area").input_value() == "total:total"
    assert page.locator("#filter-year").input_value() == "2026"


def test_suppressed_area_shows_a_sentence_and_no_chart(page: Page, address: str) -> None:
    visit(page, address + "#page=all&area=function:5.28.24")
    assert "diskretioneret" in page.locator("#headline").inner_text()
    assert page.locator("[data-figure=fan] .plot").is_hidden()
    assert "diskretioneret" in page.locator("#fan-finding").inner_text()


def test_every_chart_has_its_table_and_csv(page: Page, address: str) -> None:
    visit(page, address + "#page=all")
    for figure in page.locator("[data-figure]:has(.plot:visible)").all():
        figure.locator("summary").press("Enter")
        expect(figure.locator("table tbody tr").first).to_be_visible()
        with page.expect_download() as event:
            figure.locator("a.csv").press("Enter")
        text = Path(event.value.path()).read_text(encoding="utf-8-sig")
        assert event.value.suggested_filename.endswith(".csv")
        assert len(text.splitlines()) == figure.locator("table tr").count()


def test_csv_of_a_table_is_for_danish_excel(page: Page, address: str) -> None:
    visit(page, address + "#page=expenditure")
    with page.expect_download() as event:
        page.locator("a.csv[data-table='outturn_function-2026']").click()
    raw = Path(event.value.path()).read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = [line.split(";") for line in raw.decode("utf-8-sig").splitlines()]
    assert rows[0][0] == "Område"
    assert {len(row) for row in rows} == {10}
    assert rows[1][0] == "I alt"
    total = sample_frames()["rpt_outturn"].query("level == 'total' and year == 2026").iloc[0]
    assert float(rows[1][4].replace(",", ".")) == pytest.approx(total["mean"], abs=0.01)


@pytest.mark.parametrize(("hours", "stale"), [(35, False), (36, False), (37, True)])
def test_age_of_the_data_is_told_in_words(
    page: Page, address: str, hours: int, stale: bool
) -> None:
    loaded = datetime(2026, 11, 1, 3, 12, tzinfo=UTC).timestamp()
    page.clock.set_fixed_time(datetime.fromtimestamp(loaded + hours * 3600 + 60, UTC))
    page.goto(address)
    page.wait_for_function("document.getElementById('age').textContent")
    age = page.locator("#age")
    assert f"{hours} timer gamle" in age.inner_text()
    assert ("ældre end 36 timer" in age.inner_text()) == stale
    assert ("stale" in (age.get_attribute("class") or "")) == stale


def test_theme_button_switches_colours_and_paper_stays_light(page: Page, address: str) -> None:
    visit(page, address)
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.locator("#theme").press("Enter")
    assert page.evaluate(ground) != light
    assert page.locator("#theme").inner_text() == "Lys visning"
    page.emulate_media(media="print")
    assert page.evaluate(ground) == light
    assert page.locator(".filters").is_hidden()


def test_months_are_danish_in_every_chart(page: Page, address: str) -> None:
    visit(page, address)
    labels = page.locator("[data-figure=cumulative] svg text").all_text_contents()
    assert "maj" in labels
    assert "okt" in labels


def test_page_without_data_reports_no_error(page: Page, tmp_path: Path) -> None:
    watch = Watch()
    watch.over(page)
    empty = write_cockpit({"rpt_run": sample_frames()["rpt_run"]}, "da", tmp_path).as_uri()
    visit(page, empty + "#page=all")
    assert watch.errors == []
    assert page.locator("[data-figure] .plot svg").count() == 0
    assert axe_findings(page) == []
