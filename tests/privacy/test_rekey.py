"""Another key: every pseudonym changes together, or nothing does."""

import contextlib
from dataclasses import replace
from pathlib import Path

import duckdb
import pyrage
import pytest

from orchestration.intake.arrivals import Source
from orchestration.intake.cpr import Pseudonymiser
from orchestration.intake.erased import Erased, Register
from orchestration.intake.load import reading_hash
from orchestration.intake.profiles import canonical
from orchestration.intake.sources.folder import FolderOrigin
from orchestration.privacy import rekey
from orchestration.privacy.keys import fingerprint, known_fingerprint
from orchestration.privacy.landing_at_rest import AtRest, at_rest, copies, settle
from orchestration.privacy.originals import Originals
from orchestration.privacy.transition import BothKeys
from orchestration.state import State
from tests.intake.conftest import SECRET, House
from tests.privacy.conftest import GONE, STAYS, everything

NEW = Pseudonymiser(b"another key of the tests, as long")


class _CutOffError(Exception):
    """The process is gone."""


@pytest.fixture
def originals(house: House, ledger: House) -> Originals:
    sources = (
        Source("cases", canonical("cases"), FolderOrigin(house.folder)),
        Source("cases", canonical("finance"), FolderOrigin(ledger.folder)),
    )
    place = house.place
    return Originals(place.store, place.landing, AtRest(), sources, place.chart)


def mapping(state: State, originals: Originals) -> dict[str, str]:
    tokens, register = rekey.required_tokens(state)
    return originals.mapping(BothKeys(SECRET.key, new=NEW), tokens | register)


def changed(state: State, originals: Originals, found: dict[str, str]) -> None:
    rekey.require_all(state, found, drop_erased=False)
    rekey.prepare(state, found, NEW, {})
    rekey.commit(state)


def test_every_pseudonym_is_the_new_keys(
    history: State, ledger: House, originals: Originals
) -> None:
    tokens = {SECRET.token(value) for value in (GONE, STAYS, "H1", "H2", f"PL-{GONE}")}
    before = everything(history)
    assert all(token in before for token in tokens)
    rows = ledger.rows("postings", "* exclude (person_id)")
    changed(history, originals, mapping(history, originals))
    after = everything(history)
    assert not any(token in after for token in tokens)
    for value in (GONE, STAYS, "H1", "H2"):
        assert NEW.token(value) in after
    assert ("p" + NEW.token(f"PL-{GONE}"),) in ledger.rows("plans", "plan_id")
    assert ledger.rows("postings", "* exclude (person_id)") == rows
    assert known_fingerprint(history.raw) == fingerprint(NEW.key)
    assert history.older_runs_go.exists()


def test_without_copies_the_sources_are_asked(history: State, originals: Originals) -> None:
    settle(history.landing, AtRest("remove"))
    assert copies(history.landing) == []
    changed(history, originals, mapping(history, originals))
    assert SECRET.token(GONE) not in everything(history)


def test_where_an_original_is_gone_nothing_changes(
    history: State, house: House, ledger: House, originals: Originals
) -> None:
    settle(history.landing, AtRest("remove"))
    (ledger.folder / "postings.csv").unlink()
    for path in house.folder.iterdir():
        path.write_text(path.read_text("utf-8").split("\n")[0] + "\n", encoding="utf-8")
    before = everything(history)
    with pytest.raises(rekey.CannotRekeyError, match="pseudonyms cannot be changed"):
        rekey.require_all(history, mapping(history, originals), drop_erased=True)
    assert everything(history) == before


def test_erased_persons_stay_erased_or_are_dropped_knowingly(
    history: State, originals: Originals
) -> None:
    unknown = "0301175234"
    Register(history.raw).add(
        [Erased("person", SECRET.token(value), None, "erase") for value in (GONE, unknown)]
    )
    found = mapping(history, originals)
    with pytest.raises(rekey.CannotRekeyError, match="1 entries of the erasure register"):
        rekey.require_all(history, found, drop_erased=False)
    rekey.require_all(history, found, drop_erased=True)
    rekey.prepare(history, found, NEW, {})
    rekey.commit(history)
    assert {entry.token for entry in Register(history.raw).entries()} == {NEW.token(GONE)}


def test_files_are_not_read_again_for_the_keys_sake(
    history: State, house: House, originals: Originals
) -> None:
    source = originals.sources[0]
    old = reading_hash(source.profile, house.place)
    new = reading_hash(source.profile, replace(house.place, secret=NEW))
    rekey.prepare(history, mapping(history, originals), NEW, {old: new})
    rekey.commit(history)
    renewed = House(replace(house.place, secret=NEW), house.folder, house.profile)
    assert renewed.load() is None


@pytest.mark.parametrize("cut_at", range(6))
def test_cut_off_anywhere_it_is_the_old_key_or_the_new(
    history: State, originals: Originals, monkeypatch: pytest.MonkeyPatch, cut_at: int
) -> None:
    """The exchange is a few renames; it is cut off before each of them."""
    rekey.prepare(history, mapping(history, originals), NEW, {})
    rename, replace_, calls = Path.rename, Path.replace, []

    def counted(original: object, path: Path, target: Path) -> Path:
        calls.append(target)
        if len(calls) > cut_at:
            raise _CutOffError
        return original(path, target)  # type: ignore[operator]

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", lambda path, to: counted(rename, path, to))
        patched.setattr(Path, "replace", lambda path, to: counted(replace_, path, to))
        with contextlib.suppress(_CutOffError):
            rekey.commit(history)
    # The next start makes the folders before it looks for what is unfinished.
    history.prepare()
    assert rekey.exchange_is_pending(history) == rekey.recover(history)
    assert known_fingerprint(history.raw) == fingerprint(NEW.key)
    assert SECRET.token(GONE) not in everything(history)
    assert NEW.token(GONE) in everything(history)


def test_cut_off_while_preparing_nothing_has_happened(history: State, originals: Originals) -> None:
    before = everything(history)
    rekey.prepare(history, mapping(history, originals), NEW, {})
    assert not rekey.recover(history)
    rekey.discard(history)
    assert everything(history) == before


def test_sealed_copies_are_opened_for_it(
    history: State, house: House, ledger: House, originals: Originals
) -> None:
    sealing = at_rest("encrypt", "", str(pyrage.x25519.Identity.generate()))
    settle(history.landing, sealing)
    for folder in (house.folder, ledger.folder):
        for path in folder.iterdir():
            path.unlink()
    kept = Originals(
        originals.store, originals.landing, sealing, originals.sources, originals.chart
    )
    changed(history, kept, mapping(history, kept))
    with duckdb.connect(str(history.warehouse), read_only=True) as connection:
        rows = connection.execute("select distinct person_id from history.hist_cases").fetchall()
    assert {row[0] for row in rows} == {NEW.token(GONE), NEW.token(STAYS)}
    assert [path for path in copies(history.landing) if path.suffix != ".age"] == []
