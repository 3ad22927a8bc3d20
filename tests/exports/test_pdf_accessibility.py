"""The pack's PDF before two independent checkers of PDF/UA-1: nothing to find, and they find."""

from datetime import date
from pathlib import Path

import pikepdf
import pytest

from exports.committee import pack_files
from tests.exports.pdf_checkers import pdf_findings
from tests.exports.sample_frames import sample_frames

MEETING = date(2026, 12, 9)


def write_pdf(folder: Path, language: str, *tables: str) -> Path:
    """The sample's PDF; with `tables` named, all others are empty."""
    frames = {
        name: frame if not tables or name in tables else frame.iloc[:0]
        for name, frame in sample_frames().items()
    }
    path = folder / "rapport.pdf"
    path.write_bytes(pack_files(frames, MEETING, language, None, {})["rapport.pdf"])
    return path


@pytest.mark.parametrize(("language", "tables"), [("da", ()), ("en", ()), ("da", ("rpt_run",))])
def test_both_checkers_find_nothing(tmp_path: Path, language: str, tables: tuple[str, ...]) -> None:
    assert pdf_findings(write_pdf(tmp_path, language, *tables)) == []


def test_both_checkers_see_what_is_missing(tmp_path: Path) -> None:
    path = write_pdf(tmp_path, "da")
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        for item in pdf.objects:
            if isinstance(item, pikepdf.Dictionary) and item.get("/S") == "/Figure":
                del item["/Alt"]
        del pdf.Root["/Lang"]
        pdf.save(path)
    found = pdf_findings(path)
    for checker in ("pdfua", "outloud"):
        told = " ".join(one for one in found if one.startswith(checker)).lower()
        assert "alt" in told, checker
        assert "lang" in told, checker
