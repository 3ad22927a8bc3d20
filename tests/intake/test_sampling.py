"""What a profile makes of a file (`check --sample`), and a draft for one that none reads."""

import tempfile
from pathlib import Path

import pytest
import yaml

from orchestration.intake.accounts import Chart
from orchestration.intake.profiles import Profile, find_profile, read_profile
from orchestration.intake.sampling.choice import all_profiles, fits
from orchestration.intake.sampling.proposal import TO_FILL, propose
from orchestration.intake.sampling.sniffing import Marks, number_marks
from orchestration.intake.sampling.trial import try_file

LEDGER = """Posteringsnr;Bogføringsdato;Regnskabsår;Konto;Beløb;CPR;Note;Tekst
P1;31-01-2024;2024;528201003;1.500,50;0101171234;x;Ophold
P2;01-02-2024;2024;582011003;100,00;;x;Ophold
P3;i går;2024;528201003;100,00;;x;vedr. 010117-1234
"""
OURS = """Løbenummer;Bogføringsdatoen;Regnskabsår;Kontostreng;Beløb i kr.;Konto tekst;CPR;Afdeling
1;03/04/2024;2024;528201003;1.500;Ophold;0101171234;Nord
2;05/06/2024;2024;528201003;2.750;Ophold;0101171234;Syd
"""


def written(tmp_path: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding)
    return path


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files of its own, to see what is left there."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_a_trial_tells_everything_and_leaves_nothing(
    tmp_path: Path, temporary: Path, chart: Chart
) -> None:
    path = written(tmp_path, "Posteringer.csv", LEDGER)
    trial = try_file(path, find_profile("prisme", None), "postings", chart)
    assert trial.counts == {
        "read": 3,
        "loaded": 1,
        "rejected": 2,
        "superseded": 0,
        "out_of_scope": 0,
    }
    columns = dict(trial.columns)
    assert (columns["amount"], columns["voucher"]) == ("Beløb", "-")
    assert trial.unknown == ("Note",)
    assert {rule for rule, _ in trial.by_rule} >= {"account_function", "date"}
    assert [row["amount"] for row in trial.stored] == ["1500.50"]
    assert "010117" not in repr(trial)
    assert not list(temporary.iterdir())
    assert sorted(tmp_path.iterdir()) == [path, temporary]


def test_a_missing_column_is_named(tmp_path: Path, temporary: Path, chart: Chart) -> None:
    path = written(tmp_path, "Posteringer.csv", LEDGER.replace("Beløb", "Sum"))
    trial = try_file(path, find_profile("prisme", None), "postings", chart)
    assert trial.missing == ("amount",)
    assert trial.reasons
    assert not list(temporary.iterdir())


def test_what_a_file_is_looked_up_in_is_taken_from_its_folder(
    tmp_path: Path, temporary: Path, chart: Chart
) -> None:
    written(
        tmp_path, "Sag.csv", "Sagsnummer;CPR-nr.;Oprettet\nS1;010117-1234;01-01-2024\n", "cp1252"
    )
    path = written(
        tmp_path,
        "p32.csv",
        "Sagsnummer;Ydelse rækkeID;Foranstaltningsparagraf;Startdato;Ydelsesbeløb\n"
        "S1;M1;BL § 32;45323;100,00\nS2;M2;BL § 32;01-02-2024;100,00\n",
        "cp1252",
    )
    trial = try_file(path, find_profile("dubu", None), "measures", chart)
    assert (trial.counts["loaded"], trial.counts["rejected"]) == (1, 1)
    assert [item.rule for item in trial.rejected if item.severity == "error"] == ["lookup_missing"]
    assert trial.stored[0]["starts_on"] == "2024-02-01"


def test_the_profile_is_found_by_the_header(tmp_path: Path) -> None:
    profiles = all_profiles(None)
    path = written(tmp_path, "anything.csv", LEDGER)
    assert [(fit.profile.profile, fit.entity) for fit in fits(path, profiles, None)] == [
        ("prisme", "postings")
    ]
    assert fits(written(tmp_path, "ours.csv", OURS), profiles, None) == []


def test_a_draft_may_be_redirected_into_the_folder_of_profiles(tmp_path: Path) -> None:
    known = {profile.profile for profile in all_profiles(None)}
    (tmp_path / "vores.yml").touch()
    assert {profile.profile for profile in all_profiles(tmp_path)} == known


def test_a_draft_is_a_valid_profile_and_says_what_is_open(tmp_path: Path) -> None:
    path = written(tmp_path, "Vores poster 2024-01.csv", OURS, "cp1252")
    draft = propose(path)
    target = written(tmp_path, "vores.yml", draft)
    profile = read_profile(target)
    columns = profile.entities["postings"].columns
    assert profile.form.separator == ";"
    assert profile.form.encodings == ("cp1252",)
    assert columns["account"].names == ("Kontostreng",)
    assert columns["posting_id"].names == (TO_FILL,)
    # 1.500 is one and a half or fifteen hundred, 03/04 is in March or April: nobody but a person
    # knows, so that the draft sets neither.
    assert profile.form.model_fields_set.isdisjoint({"number", "dates"})
    for said in ("1.234 read in two ways", '# dates: ["%d/%m/%Y"]', '# dates: ["%m/%d/%Y"]'):
        assert said in draft
    assert "0101171234" not in draft
    assert '"Afdeling"' in draft


def test_a_draft_takes_what_the_values_say(tmp_path: Path) -> None:
    text = (
        "Indsatsnr\tSagId\tCPR\tLovhjemmel\tIndsatsStatus\tIndsatsStartDato\tTakst\n"
        "1\tS1\t0101171234\tBL § 32\tBevilget\t31-01-2024\t1.500,25\n"
        "2\tS1\t0101171234\tBL § 32\tPause\t01-02-2024\t12,5\n"
    )
    draft = propose(written(tmp_path, "indsats.txt", text))
    profile: Profile = Profile.model_validate(yaml.safe_load(draft))
    form = profile.form
    assert (form.separator, form.number.decimal, form.number.thousands) == ("\t", ",", ".")
    assert form.dates == ("%d-%m-%Y",)
    assert profile.entities["measures"].columns["status"].values == {"Bevilget": "granted"}
    assert 'translate ["Pause"] to draft, expected, granted, ended' in draft


@pytest.mark.parametrize(
    ("values", "marks"),
    [
        (["1.234", "2.500"], Marks("", "", False, open=True)),
        (["1.234,50-", "10,00"], Marks(",", ".", True, open=False)),
        (["1,234.50"], Marks(".", ",", False, open=False)),
        (["1 234,5"], Marks(",", " ", False, open=False)),
        (["1,5", "1.5"], None),
        (["100"], None),
    ],
)
def test_marks_are_told_only_by_what_reads_in_one_way(
    values: list[str], marks: Marks | None
) -> None:
    assert number_marks(values) == marks
