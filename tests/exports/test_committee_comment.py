"""The economist's comment in a pack: the same words in every file, and never markup."""

import json
import re
from datetime import UTC, date, datetime
from io import BytesIO

import pypdf
import pytest

from exports.committee import Approval, CommentError, pack_files, read_comment
from tests.exports.sample_frames import sample_frames
from tests.exports.test_committee import MEETING, Text, pdf_text, workbook

# The comment and the marks are the same over any figures: without them a pack takes a moment.
RAW = {"rpt_run": sample_frames()["rpt_run"]}

SOURCE = """\
---
forfatter: Inge Økonom
dato: 2026-12-01
---
# Det vigtigste

Udgiften **stiger**, fordi *to* anbringelser er blevet [dyrere](https://example.dk/notat).
<script>alert(1)</script> #set page() $x$ ![kort](https://example.dk/kort.png)

- en ny aftale
  - fra 1. januar
- =1+1

3. tredje punkt

> Direktionen er orienteret.
"""


def files_of(source: str | bytes, language: str = "da") -> dict[str, bytes]:
    body = source if isinstance(source, bytes) else source.encode()
    return pack_files(RAW, MEETING, language, None, {}, read_comment(body))


FILES = files_of(SOURCE)


def readme(files: dict[str, bytes]) -> list[str]:
    sheet = workbook(files)["Læs mig"]
    return [str(cell.value) for row in sheet.rows for cell in row if cell.value is not None]


@pytest.mark.parametrize(
    "said",
    [
        "Økonomens bemærkninger",
        "Inge Økonom, 1. december 2026",
        "Det vigtigste",
        "dyrere (https://example.dk/notat)",
        "<script>alert(1)</script> #set page() $x$ kort",
        "en ny aftale",
        "fra 1. januar",
        "=1+1",
        "tredje punkt",
        "Direktionen er orienteret.",
    ],
)
def test_every_file_says_the_same(said: str) -> None:
    assert said in pdf_text(FILES["rapport.pdf"])
    assert said in Text(FILES["rapport.html"]).text
    assert any(said in value for value in readme(FILES))


def test_nothing_of_it_is_markup_a_request_or_a_formula() -> None:
    page = FILES["rapport.html"].decode("utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "<strong>stiger</strong>" in page
    assert [link for link in Text(FILES["rapport.html"]).links if not link.startswith("#")] == []
    sheet = workbook(FILES)["Læs mig"]
    assert not any(cell.data_type == "f" for row in sheet.rows for cell in row)


def test_a_numbered_list_keeps_its_numbers() -> None:
    assert '<ol start="3">' in FILES["rapport.html"].decode("utf-8")
    assert "3. tredje punkt" in readme(FILES)


def test_without_a_comment_there_is_no_chapter() -> None:
    for source in ("", "---\nforfatter: Inge\n---\n\n", "\n\n"):
        files = files_of(source)
        assert "Økonomens bemærkninger" not in Text(files["rapport.html"]).text
        assert files == pack_files(RAW, MEETING, "da", None, {})


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (b"\xe6\xf8\xe5 i latin-1", "UTF-8"),
        (b"---\nforfatter: [\n---\nHej", "not YAML"),
        (b"---\nemne: x\n---\nHej", "beside `forfatter` and `dato`"),
        (b"---\ndato: i morgen\n---\nHej", "2026-12-01"),
        (b"x" * 9000, "shorten"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(source: bytes, said: str) -> None:
    with pytest.raises(CommentError, match=said):
        read_comment(source)


def test_excels_and_notepads_files_are_read() -> None:
    comment = read_comment("\ufeff---\r\nauthor: Inge\r\n---\r\nHej\r\n\r\nDag\r\n".encode())
    assert comment is not None
    assert comment.plain.splitlines() == ["Inge", "Hej", "Dag"]


APPROVED = pack_files(
    RAW,
    MEETING,
    "da",
    None,
    {},
    read_comment(SOURCE.encode()),
    Approval(1, "Mette Chef", datetime(2026, 12, 2, 9, tzinfo=UTC)),
)


def test_a_draft_says_so_on_every_page_and_an_approved_pack_nowhere() -> None:
    for files, is_draft in ((FILES, True), (APPROVED, False)):
        for page in pypdf.PdfReader(BytesIO(files["rapport.pdf"])).pages:
            text = page.extract_text()
            assert ("UDKAST" in text) is is_draft
            assert ("Godkendt 2. december 2026 af Mette Chef" in text) is not is_draft
        html = files["rapport.html"].decode("utf-8")
        assert ("UDKAST" in Text(files["rapport.html"]).text) is is_draft
        # Fixed in the window: printed on every page.
        assert ('class="watermark"' in html) is is_draft
        assert re.search(r"\.watermark \{ position: fixed", html)
        assert any(value == "UDKAST" for value in readme(files)) is is_draft
        headers = [sheet.oddHeader.center.text or "" for sheet in workbook(files)]
        assert all(("UDKAST" in header) is is_draft for header in headers)


def test_the_approved_pack_is_the_draft_but_for_its_mark() -> None:
    assert APPROVED["tal.csv"] == FILES["tal.csv"]
    draft, approved = (
        pdf_text(files["rapport.pdf"])
        .replace(mark, "")
        .replace("Tallene og teksten kan ændres, indtil rapporten er godkendt.", "")
        for files, mark in (
            (FILES, "UDKAST"),
            (APPROVED, "Godkendt 2. december 2026 af Mette Chef"),
        )
    )
    name = draft.split(" – ikke godkendt")[0].split()[-1]
    assert draft.replace(f"{name} – ikke godkendt", "").split() == approved.split()


def test_a_draft_is_named_by_what_it_is_made_from() -> None:
    def named(files: dict[str, bytes]) -> str:
        return json.loads(files["manifest.json"])["standing"]["draft"]

    assert named(FILES) == named(APPROVED)
    assert named(FILES) != named(files_of(SOURCE + "\nMere.\n"))
    other = pack_files(RAW, date(2027, 1, 13), "da", None, {}, read_comment(SOURCE.encode()))
    assert named(FILES) != named(other)
