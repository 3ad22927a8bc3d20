"""Configuration: the file, the environment over it, and errors that say what to do."""

from pathlib import Path

import pytest

from orchestration.settings import (
    ConfigurationError,
    pseudonym_key,
    read_settings,
    secret,
)


def write(folder: Path, text: str) -> Path:
    path = folder / "raaderum.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_environment_overrides_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAADERUM_MUNICIPALITY__NAME", "Anden Kommune")
    monkeypatch.setenv("RAADERUM_SOURCES__FINANCE__LOCATION", "elsewhere")
    settings = read_settings(
        write(
            tmp_path,
            '[municipality]\nname = "En Kommune"\ncode = "101"\n'
            '[sources.finance]\nprofile = "prisme"\nlocation = "here"\n',
        )
    )
    assert settings.municipality.name == "Anden Kommune"
    assert settings.municipality.code == "101"
    assert settings.sources["finance"].profile == "prisme"
    assert settings.sources["finance"].location == "elsewhere"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[municipality]\nnaem = 'x'\n", "municipality.naem is not a known setting"),
        ("[thresholds]\nrejected_share = 2\n", "thresholds.rejected_share"),
        ("[committee.targets.'a/b']\nlocation = 'mail'\n", "committee.targets.a/b"),
        ("[sources.finance]\nprofile = 'prisme'\n", "sources.finance.location"),
        ("[municipality\n", "not valid TOML"),
        ("[quality]\nsilent = ['nonsense']\n", "there is no rule nonsense"),
        ("[quality]\nsilent = ['amount']\n", "amount is an error, which is always told"),
    ],
)
def test_a_wrong_file_says_which_setting(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        read_settings(write(tmp_path, text))


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("RAADERUM_CALENDAR__MEETINGS", "2026-12-09", "written as JSON, such as .*2026-12-09"),
        ("RAADERUM_THRESHOLD__REJECTED_SHARE", "0.5", "threshold is not a known section"),
        ("RAADERUM_THRESHOLDS__REJECTED", "0.5", "thresholds.rejected is not a known setting"),
    ],
)
def test_a_wrong_variable_says_which(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigurationError, match=said):
        read_settings(write(tmp_path, ""))


def test_the_key_comes_from_a_file_or_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RAADERUM_PSEUDONYM_KEY", raising=False)
    key_file = tmp_path / "key"
    key_file.write_text("0123456789abcdef\n", encoding="utf-8")
    key_file.chmod(0o600)
    monkeypatch.setenv("RAADERUM_PSEUDONYM_KEY_FILE", str(key_file))
    assert pseudonym_key() == b"0123456789abcdef"
    key_file.write_text("short", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="shorter"):
        pseudonym_key()
    monkeypatch.delenv("RAADERUM_PSEUDONYM_KEY_FILE")
    with pytest.raises(ConfigurationError, match="not set"):
        pseudonym_key()


def test_a_secret_is_the_variable_or_the_file_that_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "RAADERUM_SECRET_CASES_PASSWORD"
    monkeypatch.delenv(name, raising=False)
    assert secret(name) is None
    file = tmp_path / "password"
    file.write_text("from the file\n", encoding="utf-8")
    file.chmod(0o600)
    monkeypatch.setenv(f"{name}_FILE", str(file))
    assert secret(name) == "from the file"
    monkeypatch.setenv(name, "from the environment")
    assert secret(name) == "from the environment"
    monkeypatch.delenv(name)
    monkeypatch.setenv(f"{name}_FILE", str(tmp_path / "gone"))
    with pytest.raises(ConfigurationError, match=f"{name}_FILE cannot be read"):
        secret(name)
