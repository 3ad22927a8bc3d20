"""Nothing outside landing tells who a person is."""

import datetime
from pathlib import Path

import duckdb

from orchestration.intake.accounts import Chart
from orchestration.intake.cpr import Pseudonymiser
from orchestration.intake.profiles import find_profile
from tests.intake.conftest import House, make_house, posting, postings

CPRS = ("0101901234", "2505175678", "6105171234", "101901234", "010517AB12")


def everything_written(house: House) -> str:
    """Every value of every Parquet file of the raw layer, its metadata and its name."""
    found = []
    with duckdb.connect() as connection:
        for path in sorted(house.place.store.root.rglob("*")):
            found.append(path.name)
            if path.suffix == ".parquet":
                query = f"select * from read_parquet('{path.as_posix()}')"
                found += map(repr, connection.execute(query).fetchall())
                found.append(path.read_bytes().decode("latin-1"))
    return "\n".join(found)


def traces(house: House, cprs: tuple[str, ...] = CPRS) -> list[str]:
    text = everything_written(house)
    forms = [form for cpr in cprs for form in (cpr, f"{cpr[:-4]}-{cpr[-4:]}")]
    return [form for form in forms if form in text]


def test_no_number_reaches_the_raw_layer(ledger: House) -> None:
    rows = [
        posting(number, "5.00", f",{cpr},,M{cpr},bilag {cpr},betalt for {cpr[:-4]}-{cpr[-4:]}")
        for number, cpr in enumerate(CPRS[:3])
    ]
    rows += [posting(7, "5.00", ",101901234,,,,"), posting(8, "5.00", ",010517AB12,,,,")]
    rows.append(f"P{CPRS[0]},2024-03-01,3,2024,5.28.20,1.00,,,,,")
    ledger.deliver(f"postings_{CPRS[1]}.csv", postings(rows))
    (count,) = ledger.loaded().counts
    assert count.rows_loaded == len(rows)
    assert traces(ledger) == []


def test_no_number_reaches_the_error_listing(ledger: House) -> None:
    rows = [
        f"P{number},{cpr},{cpr},{cpr},{cpr},{cpr},{cpr}x,{cpr},{cpr},{cpr},{cpr}"
        for number, cpr in enumerate(CPRS)
    ]
    rows.append("P9,2024-03-01,3,2024,PPR betaler 010190-1234,1.00,,,,,")
    rows.append(f"P8,2024-03-01,3,2024,5.28.20,{'7' * 74},{CPRS[0]}{'7' * 9},,,,")
    rows.append(f"P7,{'x' * 74} {CPRS[0]},3,2024,5.28.20,1,,,,,")
    rows.append(f"P6,{CPRS[0]}")
    ledger.deliver("postings.csv", postings(rows[:-1]) + rows[-1] + "\n")
    ledger.loaded()
    assert traces(ledger) == []
    assert ("PPR betaler [CPR]",) in ledger.rows("load_errors", "value")
    assert ("x" * 74 + " [CPR]",) in ledger.rows("load_errors", "value")


def test_a_file_without_header_does_not_tell_its_first_row(ledger: House) -> None:
    ledger.deliver("postings.csv", "101901234,0101901234,010190-1234\n1,2,3\n")
    ledger.deliver("0101901234.txt", "")
    ledger.loaded()
    assert traces(ledger) == []


def test_a_key_made_from_a_file_name_hides_the_number_and_stays_a_key(
    tmp_path: Path, chart: Chart
) -> None:
    house = make_house(tmp_path, chart, find_profile("council_spending", "finance"))
    for day, number in enumerate(CPRS[:2], start=1):
        rows = f"Date,Amount,Expense Area,Expense Type\n2024-03-0{day},5.00,Children,Care\n"
        house.deliver(f"bilag_{number}.csv", rows)
    assert [count.rows_loaded for count in house.loaded().counts] == [1, 1]
    assert traces(house) == []


def test_landing_keeps_the_file_as_it_came(ledger: House) -> None:
    path = ledger.deliver("postings.csv", postings([posting(1, "5.00", ",0101901234,,,,")]))
    ledger.loaded()
    landed = ledger.place.landing.rglob("*.csv")
    assert [found.read_bytes() for found in landed] == [path.read_bytes()]


def test_persons_meet_over_files_and_forms(ledger: House) -> None:
    rows = [
        posting(number, "5.00", f",{form},,,,")
        for number, form in enumerate(("0101901234", "010190-1234", "101901234", " 010190 1234 "))
    ]
    ledger.deliver("postings.csv", postings(rows))
    ledger.loaded()
    token = ledger.place.secret.token("0101901234")
    assert ledger.rows("postings", "distinct person_id") == [(token,)]


def test_a_protected_address_is_not_kept(house: House) -> None:
    house.deliver(
        "children.csv",
        "cpr,birth_date,sex,district,postal_code,address_protected,household_id\n"
        "0101175234,2017-01-17,M,Øst,4780,true,H1\n"
        "0201175234,,K,Vest,4760,false,H1\n".replace("K,Vest", "F,Vest"),
    )
    house.loaded()
    secret = house.place.secret
    month = datetime.date(2017, 1, 1)
    assert house.rows(
        "children", "sex, district, postal_code, address_protected, household_id, birth_month"
    ) == [
        ("F", "Vest", "4760", False, secret.token("H1"), month),
        ("M", None, None, True, secret.token("H1"), month),
    ]


def test_another_key_is_another_person(ledger: House) -> None:
    assert Pseudonymiser(b"other").token("0101901234") != ledger.place.secret.token("0101901234")
