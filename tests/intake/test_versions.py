"""Versions, lookups, mapping tables and rules of a profile: how a file is read, what fails."""

from pathlib import Path

import pytest

from orchestration.intake.accounts import Chart
from orchestration.intake.forms import FileForm
from orchestration.intake.mappings import MappingError, MappingTable, UnmappedError, read_mapping
from orchestration.intake.profiles import Mapping, Profile, ProfileError, find_profile, read_profile
from orchestration.intake.versions import open_file
from tests.intake.conftest import House, make_house

NEW = "Sagsnummer;Ydelse rækkeID;Foranstaltningsparagraf;Startdato\n"
OLD = "Sag rækkeID;Ydelse rækkeID;Lovhjemmel;Ydelse startdato\n"
CASES = "Sagsnummer;CPR-nr.;Oprettet\n"
HEADER = "Bilagslinje;Bogføringsdato;Regnskabsår;PSP-element;Artskonto;Beløb;Debet/Kredit\n"


@pytest.fixture
def dubu(tmp_path: Path, chart: Chart) -> House:
    return make_house(tmp_path, chart, find_profile("dubu", "cases"))


@pytest.fixture
def opus(tmp_path: Path, chart: Chart) -> House:
    return make_house(tmp_path, chart, find_profile("opus", "finance"))


def latin(text: str) -> bytes:
    return text.encode("cp1252")


def test_the_header_decides_the_version(tmp_path: Path) -> None:
    profile = find_profile("dubu", "cases")
    for name, text, version in (("a", NEW, "2024"), ("b", OLD, "2013")):
        path = tmp_path / f"{name}.csv"
        path.write_bytes(latin(text))
        opened = open_file(path, profile, "measures")
        assert (opened.reading.version, opened.header.missing()) == (version, [])
    path.write_bytes(latin(NEW.replace("Startdato", "Dag")))
    nearest = open_file(path, profile, "measures")
    assert (nearest.reading.version, nearest.header.missing()) == ("2024", ["starts_on"])


def test_a_pinned_version_reads_nothing_else(tmp_path: Path) -> None:
    profile = find_profile("dubu@2013", "cases")
    assert (profile.profile, profile.versions) == ("dubu@2013", ())
    path = tmp_path / "new.csv"
    path.write_bytes(latin(NEW))
    assert "starts_on" in open_file(path, profile, "measures").header.missing()
    with pytest.raises(ProfileError, match="no version '1999'; it has 2013, 2024"):
        find_profile("dubu@1999", "cases")


def test_a_number_is_looked_up_in_the_case_file_and_never_guessed(dubu: House) -> None:
    rows = "S1;0101171234;01-01-2024\nS2;0101171234;01-01-2024\nS2;0201171234;01-01-2024\n"
    dubu.deliver("Sag.csv", latin(CASES + rows))
    grants = "".join(f"S{n};M{n};BL § 32;01-02-2024\n" for n in (1, 2, 3))
    dubu.deliver("BSDUBUp32.csv", latin(NEW + grants))
    dubu.loaded()
    assert dubu.rows("measures", "measure_id") == [("M1",)]
    wrong = dubu.rows("load_errors", "row_number, value", "rule = 'lookup_missing'")
    assert wrong == [(3, "S2"), (4, "S3")]
    people = dubu.rows("measures", "person_id")
    assert people == dubu.rows("cases", "person_id", "case_id = 'S1'")


def test_a_case_that_comes_later_lets_its_measures_in(dubu: House) -> None:
    dubu.deliver("BSDUBUp32.csv", latin(NEW + "S1;M1;BL § 32;01-02-2024\n"))
    dubu.loaded()
    assert dubu.rows("measures") == []
    assert dubu.load() is None
    dubu.deliver("Sag.csv", latin(CASES + "S1;0101171234;01-01-2024\n"))
    dubu.loaded()
    assert dubu.rows("measures", "measure_id") == [("M1",)]


def deliver_ledger(opus: House, rows: str, table: str) -> None:
    opus.deliver("ZFIR_KMD_Opus_Posteringer.csv", HEADER + rows)
    if table:
        opus.deliver("Kontomapping.csv", "PSP-element;Artskonto;Omkostningssted;Konto\n" + table)
    opus.loaded()


def test_an_account_is_what_the_table_says(opus: House) -> None:
    deliver_ledger(
        opus,
        "P1;01.02.2024;2024;XG-1-1;40000000;100,00;D\n"
        "P2;01.02.2024;2024;XG-1-2;52000000;250,00;K\n"
        "P3;01.02.2024;2024;XG-1-9;40000000;100,00;D\n"
        "P4;01.02.2024;2024;YY-1;40000000;100,00;D\n",
        "XG-1-1;40000000;;5282010010000340\nXG-1-*;52*;;528211003\nXG-1-*;;;528221001\n",
    )
    assert opus.rows("postings", "posting_id, account, account_function, amount") == [
        ("P1", "5282010010000340", "5.28.20", 100),
        ("P2", "528211003", "5.28.21", -250),
        ("P3", "528221001", "5.28.22", 100),
    ]
    [(rule, row, _)] = [found for found in opus.rules() if found[0].startswith("account")]
    assert (rule, row) == ("account_unmapped", 5)


def test_a_changed_table_reads_the_ledger_again(opus: House) -> None:
    row = "P1;01.02.2024;2024;XG-1-1;40000000;100,00;D\n"
    deliver_ledger(opus, row, "XG-1-1;;;528201003\n")
    assert opus.load() is None
    deliver_ledger(opus, row, "XG-1-1;;;528211003\n")
    assert len(opus.rows("postings", "account")) == 2


def test_a_missing_table_is_told_and_nothing_is_guessed(opus: House) -> None:
    deliver_ledger(opus, "P1;01.02.2024;2024;XG-1-1;40000000;100,00;D\n", "")
    assert opus.rows("postings") == []
    assert {rule for rule, _, _ in opus.rules()} >= {"mapping_missing", "account_unmapped"}


def test_the_table_beside_the_profile_counts_where_none_is_delivered(
    tmp_path: Path, chart: Chart
) -> None:
    own = tmp_path / "profiles"
    own.mkdir()
    (own / "opus_konti.csv").write_text(
        "PSP;Omkostningssted;Artskonto;Konto\nXG-1-1;;;528201003\n", "utf-8"
    )
    opus = make_house(tmp_path, chart, find_profile("opus", "finance", own))
    deliver_ledger(opus, "P1;01.02.2024;2024;XG-1-1;40000000;100,00;D\n", "")
    assert opus.rows("postings", "account") == [("528201003",)]


def test_an_alias_of_prisme_is_translated_beside_written_accounts(
    tmp_path: Path, chart: Chart
) -> None:
    prisme = make_house(tmp_path, chart, find_profile("prisme", "finance"))
    prisme.deliver("Alias.csv", "Alias;Konto\n5200058609;528201003\n")
    prisme.deliver(
        "Posteringer.csv",
        "Posteringsnr;Bogføringsdato;Regnskabsår;Konto;Beløb\n"
        "P1;01-02-2024;2024;5200058609;1,00\nP2;01-02-2024;2024;528211003;1,00\n"
        "P3;01-02-2024;2024;5200058600;1,00\n",
    )
    prisme.loaded()
    assert prisme.rows("postings", "account") == [("528201003",), ("528211003",)]
    assert ("account_unmapped", 4, "account") in prisme.rules()


def test_rows_that_say_equally_much_and_differ_are_ambiguous() -> None:
    table = MappingTable({("xg-*", ""): "1", ("*-1", ""): "2", ("xg-1", "4"): "3"})
    assert table.find("XG-1 / 4") == "3"
    assert table.find("XG-2 / 4") == "1"
    with pytest.raises(UnmappedError) as ambiguous:
        table.find("XX-1 / 4 / 5")
    assert ambiguous.value.rule == "account_unmapped"
    table = MappingTable({("xg*", ""): "1", ("*-1", ""): "2"})
    with pytest.raises(UnmappedError) as ambiguous:
        table.find("XG-1 / 4")
    assert ambiguous.value.rule == "account_ambiguous"


def test_a_table_that_contradicts_itself_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "konti.csv"
    path.write_text("PSP,Konto\nA,1\nA,2\n", "utf-8")
    mapping = Mapping(files=("konti.csv",), keys=(("PSP",),), to=("Konto",))
    with pytest.raises(MappingError, match=r"konti.csv, row 3: a stands for 1 and for 2"):
        read_mapping([path], mapping, FileForm())


RULES = """
profile: ours
title: Ours
feed: cases
entities:
  providers:
    files: [p.csv]
    columns:
      provider_id: {names: [id], match: "L[0-9]+"}
      name: {names: [name]}
      ownership: {names: [owner]}
      cvr: {names: [cvr], required: true}
      daily_rate: {names: [rate], minimum: 1, maximum: 9000}
"""


def test_a_profile_may_hold_a_column_to_more(tmp_path: Path, chart: Chart) -> None:
    (tmp_path / "ours.yml").write_text(RULES, "utf-8")
    house = make_house(tmp_path, chart, read_profile(tmp_path / "ours.yml"))
    house.deliver(
        "p.csv", "id,name,owner,cvr,rate\nL1,A,own,12345678,5\nX1,A,own,1,5\nL2,A,own,,0\n"
    )
    house.loaded()
    assert house.rows("providers", "provider_id") == [("L1",)]
    assert house.rules() == [
        ("pattern", 3, "provider_id"),
        ("range", 4, "daily_rate"),
        ("required", 4, "cvr"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (
            "required: true",
            "requird: true",
            r"requird is not a key of a profile; did you mean required",
        ),
        ("minimum: 1,", "minimum: 9001,", "minimum is above maximum"),
        ('"L[0-9]+"', '"L["', "not a regular expression"),
        ("daily_rate:", "dayly_rate:", "did you mean daily_rate"),
        ("match:", "rule: patern, match:", "no rule patern; did you mean pattern"),
        ("      name: {names: [name]}\n", "", "name is required by the contract"),
        ("{names: [id], ", "{lookup: {entity: case, by: id}, ", "case is not among the profile's"),
        ("feed: cases", "feed: case", "has a value that is not known"),
    ],
)
def test_a_bad_profile_says_file_key_and_remedy(
    tmp_path: Path, old: str, new: str, why: str
) -> None:
    assert old in RULES
    (tmp_path / "ours.yml").write_text(RULES.replace(old, new), "utf-8")
    with pytest.raises(ProfileError, match=why) as refused:
        read_profile(tmp_path / "ours.yml")
    assert "ours.yml" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_filled_in_blank_is_accepted(tmp_path: Path) -> None:
    for blank in ("eget_system", "eget_oekonomisystem"):
        profile: Profile = find_profile(blank, None)
        assert profile.profile == blank
