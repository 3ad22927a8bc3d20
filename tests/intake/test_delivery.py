"""Writing in a system's shape: what is read back is what canonical files would have given."""

import datetime
import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from orchestration.intake.accounts import Chart
from orchestration.intake.contract import Column, Entity, entities
from orchestration.intake.delivery import write_entity, writer
from orchestration.intake.profiles import Profile, ProfileError, canonical, find_profile
from tests.intake.conftest import House, make_house

SENSUM = find_profile("sensum", "cases")
PRISME = find_profile("prisme", "finance")
DUBU = find_profile("dubu", "cases")
OPUS = find_profile("opus", "finance")
SHAPES = [SENSUM, PRISME, DUBU, OPUS]

days = st.dates(datetime.date(1990, 1, 1), datetime.date(2040, 1, 1)).map(str)
moments = st.builds("{}T{:02d}:{:02d}:00".format, days, st.integers(0, 23), st.integers(0, 59))
words = st.text("abcæøåÆØÅ ;,\"'\n0-é§", min_size=1, max_size=12).filter(lambda text: text.strip())
accounts = st.sampled_from(
    [
        "5282010010003146",
        "5282229999001460",
        "528201003",
        "5.28.21",
        "5.28.21.1.002.52",
        "01005-528202003-010025-869---3046",
        "5822110010003146",
        "PPR betaler",
    ]
)
TEXTS: dict[str, st.SearchStrategy[str]] = {
    "date": days,
    "timestamp": moments,
    "integer": st.integers(-5, 5000).map(str),
    "decimal": st.integers(-(10**12), 10**12).map(lambda cents: f"{cents / 100:.2f}"),
    "boolean": st.sampled_from(["true", "false"]),
    "cpr": st.integers(0, 9999).map(lambda number: f"010117{number:04d}"),
    "account": accounts,
}


def value(entity: Entity, name: str, column: Column) -> st.SearchStrategy[Any]:
    """A canonical text for a column; keys are added by the caller."""
    if column.values:
        return st.sampled_from(column.values)
    if (column.minimum, column.maximum) == (1990, 2100) or name == "year":
        return st.integers(2010, 2030).map(str)
    if column.maximum is not None:
        return st.integers(column.minimum, column.maximum).map(str)
    if name in {end for _, end in entity.order}:
        return st.just("9999-12-31")
    return TEXTS.get(column.type, words)


def rows(entity: Entity) -> st.SearchStrategy[list[dict[str, str | None]]]:
    columns = {
        name: value(entity, name, column)
        if column.required
        else st.one_of(st.none(), value(entity, name, column))
        for name, column in entity.columns.items()
    }
    return st.lists(st.fixed_dictionaries(columns), min_size=1, max_size=5)


def blocks(found: list[dict[str, str | None]], entity: Entity) -> Iterator[pd.DataFrame]:
    """The rows in blocks of two, every value text or None."""
    for start in range(0, len(found), 2):
        yield pd.DataFrame(found[start : start + 2], columns=list(entity.columns), dtype=object)


def loaded_through(
    root: Path, chart: Chart, profile: Profile, found: dict[str, list[dict[str, str | None]]]
) -> House:
    house = make_house(root, chart, profile)
    for name, entity_rows in found.items():
        frames = blocks(entity_rows, entities()[name])
        write_entity(profile, name, frames, house.folder)
    house.loaded()
    return house


@pytest.mark.parametrize("profile", SHAPES, ids=lambda profile: profile.profile)
@settings(
    max_examples=3,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a load takes too long to shrink by
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_a_shape_says_what_canonical_files_say(
    tmp_path_factory: pytest.TempPathFactory, chart: Chart, profile: Profile, data: st.DataObject
) -> None:
    found = {name: data.draw(rows(entities()[name]), name) for name in profile.entities}
    root = tmp_path_factory.mktemp("shapes")
    shaped = loaded_through(root / "shaped", chart, profile, found)
    plain = loaded_through(root / "plain", chart, canonical(profile.feed), found)
    for name, entity in entities().items():
        if name not in found:
            continue
        lost = profile.entities[name].not_carried
        kept = [c for c in entity.stored_columns() if not c.startswith("_") and c not in lost]
        columns = ", ".join([*kept, "_row"])
        assert shaped.rows(name, columns) == plain.rows(name, columns)
        findings = "row_number, column_name, rule"
        where = f"entity = '{name}'"
        assert shaped.rows("load_errors", findings, where) == plain.rows(
            "load_errors", findings, where
        )


def test_the_files_look_as_the_systems_write_them(tmp_path: Path) -> None:
    posting = {
        "posting_id": "P1",
        "posting_date": "2024-03-01",
        "period": "3",
        "year": "2024",
        "account": "5282010010003146",
        "amount": "-1234567.50",
        "cpr": "0101171234",
        "cvr": None,
        "measure_id": None,
        "voucher": "B1",
        "text": "Ophold; marts",
    }
    frames = iter([pd.DataFrame([posting], dtype=object)])
    [path] = write_entity(PRISME, "postings", frames, tmp_path / "finance")
    assert path == tmp_path / "finance" / "Posteringer.csv"
    assert path.read_text("utf-8").splitlines() == [
        "Posteringsnr;Bogføringsdato;Periode;Regnskabsår;Konto;Beløb;CPR;Leverandør-CVR;"
        "BevillingsId;Bilagsnr;Tekst",
        "P1;01-03-2024;3;2024;01000-528201031-010100-460---;-1.234.567,50;0101171234;;;B1;"
        '"Ophold; marts"',
    ]
    notification = {
        "notification_id": "U1",
        "cpr": "0101171234",
        "received_at": "2024-03-01 09:30:00",
        "reporter": "skole",
        "acknowledged_on": None,
        "assessed_at": None,
        "outcome": "ærlig",
    }
    frames = iter([pd.DataFrame([notification], dtype=object)])
    [path] = write_entity(SENSUM, "notifications", frames, tmp_path / "cases")
    assert path.read_text("cp1252").splitlines() == [
        "UnderretningId;CPR;Modtaget;Underretter;KvitteretDato;Vurderet;Udfald",
        "U1;0101171234;01-03-2024 09:30:00;skole;;;ærlig",
    ]


def test_an_entity_without_rows_has_its_header(tmp_path: Path) -> None:
    [path] = write_entity(canonical("finance"), "budget", iter(()), tmp_path)
    assert path.read_text("utf-8") == "year,account,version,amount,decided_on\n"


def test_each_feed_is_written_in_its_shape(tmp_path: Path) -> None:
    write = writer([PRISME], tmp_path)
    for name in entities():
        write(name, iter(()))
    written = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.csv")}
    assert {"finance/Budget.csv", "finance/Posteringer.csv", "cases/children.csv"} < written
    assert len(written) == len(entities())
    partial = functools.partial(write_entity, SENSUM, folder=tmp_path / "partial")
    assert [path.name for path in partial("children", iter(()))] == ["Borger.csv"]


def test_a_profile_that_derives_what_is_required_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="cannot be written"):
        profile = find_profile("council_spending", "finance")
        write_entity(profile, "postings", iter(()), tmp_path)
    with pytest.raises(ProfileError, match="no entity"):
        write_entity(PRISME, "children", iter(()), tmp_path)


@pytest.mark.parametrize("profile", SHAPES, ids=lambda profile: profile.profile)
def test_a_shape_covers_its_feed_and_no_file_fits_two_entities(profile: Profile) -> None:
    feed = {name: entity for name, entity in entities().items() if entity.feed == profile.feed}
    assert set(profile.entities) == set(feed)
    for name, entity in feed.items():
        assert set(profile.readings(name)[0].mapped.columns) == set(entity.columns)
        for pattern in profile.entities[name].files:
            file = pattern.replace("*", "2024-03-01")
            assert [n for n, mapped in profile.entities.items() if mapped.takes(file)] == [name]
