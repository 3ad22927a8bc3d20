"""The key: kept to its owner, and not exchanged by mistake."""

import sys
from pathlib import Path

import pytest

from orchestration.privacy.keys import AnotherKeyError, fingerprint, require_same_key
from orchestration.privacy.secret_files import write_secret_file
from orchestration.settings import ConfigurationError, pseudonym_key

KEY = b"a-secret-for-tests-only"


@pytest.fixture
def key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("RAADERUM_PSEUDONYM_KEY", raising=False)
    path = tmp_path / "secrets" / "pseudonym.key"
    write_secret_file(path, KEY.decode())
    monkeypatch.setenv("RAADERUM_PSEUDONYM_KEY_FILE", str(path))
    return path


def test_a_file_of_ones_own_is_read(key_file: Path) -> None:
    assert pseudonym_key() == KEY


@pytest.mark.skipif(sys.platform == "win32", reason="mode bits say nothing about access there")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o777])
def test_a_file_that_others_can_read_is_refused(key_file: Path, mode: int) -> None:
    key_file.chmod(mode)
    with pytest.raises(ConfigurationError, match=f"chmod 600 {key_file}"):
        pseudonym_key()


def test_a_secret_file_is_never_overwritten(key_file: Path) -> None:
    with pytest.raises(FileExistsError):
        write_secret_file(key_file, "another")


def test_the_first_key_is_remembered_and_another_refused(tmp_path: Path) -> None:
    assert require_same_key(tmp_path, KEY) == require_same_key(tmp_path, KEY)
    with pytest.raises(AnotherKeyError, match="raaderum rekey"):
        require_same_key(tmp_path, KEY + b"!")
    require_same_key(tmp_path, KEY)


def test_the_state_folder_does_not_hold_the_key(tmp_path: Path) -> None:
    require_same_key(tmp_path, KEY)
    held = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert KEY not in held
    assert fingerprint(KEY).encode() in held
