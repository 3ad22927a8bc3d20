"""Files written as a form declares: the same bytes each time, and refused where they cannot be."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from orchestration.intake.files import open_table
from orchestration.intake.files.writing import appending, written_path
from orchestration.intake.forms import FileForm

ROWS = pd.DataFrame(
    {
        "nr": ["0012", None, "=1+1", "x\ny"],
        "beløb": ["1234,50", "-0,10", "12,5,0", "1234567890123456"],
        "dato": ["03-02-2024", "31-12-9999", "31-02-2024", "01-01-1800"],
    },
    dtype=object,
)
KINDS = {"nr": "string", "beløb": "decimal", "dato": "date"}
DANISH: dict[str, Any] = {
    "separator": ";",
    "number": {"decimal": ","},
    "dates": ["%d-%m-%Y"],
    "open_ends": ["31-12-9999"],
}


def write(folder: Path, form: FileForm) -> Path:
    folder.mkdir()
    with appending(folder / "a.csv", form, KINDS) as append:
        append(ROWS[:0])
        append(ROWS[:2])
        append(ROWS[2:])
    (path,) = folder.iterdir()
    assert path == written_path(folder / "a.csv", form)
    return path


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ({}, "a.csv"),
        ({"format": "excel", "title_rows": 2, "header_rows": 2}, "a.xlsx"),
        ({"packing": "gzip"}, "a.csv.gz"),
        ({"packing": "zip", "format": "excel"}, "a.xlsx.zip"),
    ],
)
def test_the_same_rows_are_the_same_bytes(tmp_path: Path, said: dict[str, Any], name: str) -> None:
    form = FileForm.model_validate({**DANISH, **said})
    first, second = (write(tmp_path / folder, form) for folder in ("one", "two"))
    assert first.name == name
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"format": "excel", "title_rows": 2, "header_rows": 2},
        {"encodings": ["utf-16"], "separator": "auto", "title_rows": 1, "header_rows": 2},
    ],
)
def test_what_is_written_is_read_back(tmp_path: Path, said: dict[str, Any]) -> None:
    form = FileForm.model_validate({**DANISH, **said})
    table = open_table(write(tmp_path / "one", form), form, frozenset({"nr", "beløb", "dato"}))
    (batch,) = table.batches
    assert table.header == list(ROWS.columns)
    found = [batch.column(place + 1).to_pylist() for place in range(3)]
    assert found[0] == ["0012", "", "=1+1", "x\ny"]
    assert [text.replace(",50", ",5").replace(",10", ",1") for text in found[1]] == [
        *("1234,5", "-0,1", "12,5,0", "1234567890123456")
    ]
    assert found[2] == list(ROWS["dato"])


@pytest.mark.parametrize("format_", ["parquet", "fixed_width"])
def test_a_format_that_cannot_be_written_is_refused(tmp_path: Path, format_: str) -> None:
    layout = {"columns": [{"name": "nr", "start": 1, "width": 2}]}
    form = FileForm.model_validate({"format": format_, "fixed_width": layout})
    with (
        pytest.raises(ValueError, match="only CSV and workbooks"),
        appending(tmp_path / "a.csv", form, {}),
    ):
        pass


def test_what_no_cell_holds_is_refused(tmp_path: Path) -> None:
    form = FileForm(format="excel")
    with (
        pytest.raises(ValueError, match="row 2: a cell holds 32767"),
        appending(tmp_path / "a.csv", form, {}) as append,
    ):
        append(pd.DataFrame({"nr": ["x" * 40_000]}))
