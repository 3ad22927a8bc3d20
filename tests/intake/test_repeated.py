"""Reading a distinct text once gives what reading every row by itself gives."""

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from orchestration.intake import repeated
from orchestration.intake.accounts import Chart
from orchestration.intake.profiles import canonical
from orchestration.intake.repeated import Repeated
from orchestration.intake.row_sql import RowSql
from tests.intake.conftest import POSTING, make_house

CHILDREN = "cpr,birth_date,sex,district,postal_code,address_protected,household_id"
DAYS = (
    "2024-03-01",
    "2024-02-30",
    "01-03-2024",
    "9999-12-31",
    "9999-12-31 ",
    "",
    " ",
    "1776-07-04",
)
NUMBERS = ("1", " 3", "13", "14", "2024", "2024.0", "2.024", "to", "", "\u00a05", "#N/A")
CPRS = (
    "0101901234",
    "010190-1234",
    " 101901234",
    "0113901234",
    "6105171234",
    "010517AB12",
    "x",
    "",
)
ACCOUNTS = ("5282010010003146", "5.28.20", "582201001", "5.28.20 ", "010190-1234", "", "alias")
AMOUNTS = ("1", "-2.50", "1.234", "499.75000000000006", "+3", "1e5", "", " 4.00 ")
TEXTS = (
    "",
    "mad",
    " PPR betaler 010190-1234",
    '"to ""citater"", ja"',
    '5" rør',
    "æ\u00a0",
    "#REF!",
)


def rows(*columns: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    row = st.tuples(*(st.sampled_from(texts) for texts in columns)).map(",".join)
    odd = st.sampled_from(["", ",", "for,kort", "a\0b" + "," * (len(columns) - 1)])
    return st.lists(st.one_of(row, row, row, odd), max_size=25)


ledgers = rows(
    ("P1", "P2", "P3", "P0101901234", ""), DAYS, NUMBERS, NUMBERS, ACCOUNTS, AMOUNTS, CPRS,
    NUMBERS, TEXTS, TEXTS, TEXTS,
)  # fmt: skip
registers = rows(
    CPRS, DAYS, ("M", "f", "X", ""), TEXTS, NUMBERS, ("true", "nej", "måske", ""), TEXTS
)


@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a load takes too long to shrink by
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.sampled_from(["postings", "children"]), st.data())
def test_rows_and_findings_are_those_of_reading_each_row_by_itself(
    tmp_path_factory: pytest.TempPathFactory, chart: Chart, entity: str, data: st.DataObject
) -> None:
    lines = data.draw(ledgers if entity == "postings" else registers)
    content = "\n".join([POSTING if entity == "postings" else CHILDREN, *lines]) + "\n"
    feed = "finance" if entity == "postings" else "cases"
    found = []
    for each_by_itself in (False, True):
        with pytest.MonkeyPatch.context() as patch:
            if each_by_itself:
                patch.setattr(RowSql, "repeated", lambda *_: {})
            house = make_house(tmp_path_factory.mktemp("house"), chart, canonical(feed))
            house.deliver(f"{entity}.csv", content)
            report = house.loaded()
        found.append((report.counts, house.rows(entity), house.rows("load_errors")))
    assert found[0] == found[1]


@pytest.mark.parametrize("remembered", [3, 1_000])
def test_what_is_forgotten_is_read_again(monkeypatch: pytest.MonkeyPatch, remembered: int) -> None:
    monkeypatch.setattr(repeated, "_REMEMBERED", remembered)
    with duckdb.connect() as connection:
        column = Repeated(connection, "select length(x) as v, upper(x) as u from new_texts")
        for batch in (["a", "bb", "a"], [], ["bb", "ccc", "dddd", "a"], ["", "a"], ["eeeee"] * 5):
            read = [found.to_pylist() for found in column.columns(pa.array(batch, pa.string()))]
            assert read == [[len(text) for text in batch], [text.upper() for text in batch]]
