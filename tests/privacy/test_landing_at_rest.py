"""Delivered copies after the load: kept, encrypted or removed, and nothing left of killed runs."""

from pathlib import Path

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.privacy.landing_at_rest import (
    AtRest,
    at_rest,
    copies,
    opened,
    settle,
)
from orchestration.settings import ConfigurationError

CONTENT = b"cpr\n0101901234\n"


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    folder = tmp_path / "landing"
    for name in ("ab", "cd"):
        path = folder / name / (name * 32) / "children.csv"
        path.parent.mkdir(parents=True)
        path.write_bytes(CONTENT)
    (folder / "spill").mkdir()
    (folder / "spill" / "rows.tmp").write_bytes(CONTENT)
    (folder / "ab" / "half.csv.part").write_bytes(CONTENT)
    return folder


def plain(landing: Path) -> list[Path]:
    return [p for p in landing.rglob("*") if p.is_file() and b"0101901234" in p.read_bytes()]


def test_kept_copies_stay_and_what_a_killed_run_left_goes(landing: Path) -> None:
    settle(landing, AtRest())
    assert plain(landing) == copies(landing)
    assert [path.read_bytes() for path in copies(landing)] == [CONTENT, CONTENT]


def test_removed_copies_leave_nothing(landing: Path) -> None:
    assert settle(landing, AtRest("remove")).removed == 2
    assert list(landing.iterdir()) == []


def test_encrypted_copies_are_opened_by_their_identity_alone(landing: Path) -> None:
    identity = pyrage.x25519.Identity.generate()
    sealing = at_rest("encrypt", str(identity.to_public()), None)
    assert settle(landing, sealing).sealed == 2
    assert settle(landing, sealing).sealed == 0
    assert plain(landing) == []
    path = copies(landing)[0]
    with opened(path, landing, sealing) as found:
        assert found is None
    other = at_rest("encrypt", "", str(pyrage.x25519.Identity.generate()))
    with opened(path, landing, other) as found:
        assert found is None
    with opened(path, landing, at_rest("encrypt", "", str(identity))) as found:
        assert found is not None
        assert found.read_bytes() == CONTENT
    assert plain(landing) == []


def test_sealing_that_was_cut_off_is_finished(landing: Path) -> None:
    sealing = at_rest("encrypt", "", str(pyrage.x25519.Identity.generate()))
    settle(landing, sealing)
    copies(landing)[0].with_suffix("").write_bytes(CONTENT)
    assert settle(landing, sealing).sealed == 1
    assert plain(landing) == []
    assert len(copies(landing)) == 2


@pytest.mark.parametrize(
    ("recipient", "key", "said"),
    [
        ("", None, "set intake.landing_recipient"),
        ("age1nonsense", None, "no age recipient"),
        ("", "nonsense", "no age identity"),
    ],
)
def test_keys_that_are_missing_or_wrong(recipient: str, key: str | None, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        at_rest("encrypt", recipient, key)


@given(st.binary(max_size=200_000))
def test_any_content_comes_back(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    landing = tmp_path_factory.mktemp("landing")
    path = landing / "ab" / "content.bin"
    path.parent.mkdir()
    path.write_bytes(content)
    sealing = at_rest("encrypt", "", str(pyrage.x25519.Identity.generate()))
    settle(landing, sealing)
    with opened(copies(landing)[0], landing, sealing) as found:
        assert found is not None
        assert found.read_bytes() == content
