"""Every rule of the account, of a row's shape and of a doubled column is broken by something.

The other rules have their tests where the thing is read (values, load, privacy).
"""

import pytest

from orchestration.intake.rules import catalogue
from tests.intake.conftest import House

HEADER = "posting_id,posting_date,year,account,amount"


@pytest.mark.parametrize(
    ("rule", "account", "remedy"),
    [
        ("account_function", "582211010", "Did you mean 5.28.21?"),
        ("account_text", "PPR betaler", "write the account"),
        ("account_form", "1234567", "Correct the account"),
        ("account_dranst", "528200", "(1-9)"),
        ("account_ownership", "5282019000003046", "(0-4)"),
        ("account_alias", "5200058609", "alias"),
    ],
)
def test_a_wrong_account_says_which_part(
    ledger: House, rule: str, account: str, remedy: str
) -> None:
    ledger.deliver("postings.csv", f"{HEADER}\nP1,2024-03-01,2024,{account},1.00\n")
    ledger.loaded()
    found = ledger.rows("load_errors", "rule, row_number, column_name, value, remedy_en")
    assert [row[:4] for row in found] == [(rule, 2, "account", account)]
    assert remedy in found[0][4]
    assert found[0][0] in catalogue().rules


def test_a_row_of_another_shape_says_how_many_fields(ledger: House) -> None:
    ledger.deliver("postings.csv", f"{HEADER}\nP1,2024-03-01,2024,5.28.20,1.00,more\n")
    ledger.loaded()
    found = ledger.rows("load_errors", "rule, row_number, message_en")
    assert [row[:2] for row in found] == [("row_shape", 2)]
    assert "6 / 5" in found[0][2]


def test_a_doubled_column_is_not_guessed(ledger: House) -> None:
    ledger.deliver("postings.csv", f"{HEADER},amount\nP1,2024-03-01,2024,5.28.20,1.00,2.00\n")
    ledger.load()
    assert "column_twice" in {row[0] for row in ledger.rows("load_errors", "rule")}
    assert ledger.rows("postings") == []
