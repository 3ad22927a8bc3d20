"""Configuration: `raaderum.toml`, the environment over it, and secrets from the environment alone.

What belongs here: every setting, its default and its check. What does not: what is done with it.

Any value is overridden by `RAADERUM_<SECTION>__<KEY>`. Unknown keys are errors. Relative locations
count from the folder of the file that names them. State lies under `RAADERUM_HOME`.
"""

import os
import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    StringConstraints,
    ValidationError,
    field_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from orchestration.intake.contract import Feed
from orchestration.intake.rules import catalogue
from orchestration.intake.sources.options import SourceOptions
from orchestration.privacy.secret_files import read_secret_file

ROOT = Path(__file__).resolve().parent.parent
"""The checkout: the dbt project and the reference data lie in it."""

CONFIG_NAME = "raaderum.toml"
KEY_VARIABLE = "RAADERUM_PSEUDONYM_KEY"
MIN_KEY_LENGTH = 16
POSTGRESQL_PASSWORD = "RAADERUM_SECRET_POSTGRESQL_PASSWORD"  # noqa: S105 - a variable's name


class ConfigurationError(ValueError):
    """A setting that is missing or wrong; the message names it and says what to do."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Municipality(_Section):
    """Whose data it is, and the language of what economists and the committee read."""

    name: str = "Eksempel Kommune"
    code: str = "390"
    language: Literal["da", "en"] = "da"


class SourceSettings(SourceOptions):
    """One source: its profile, where its files or tables lie, and how it is reached."""

    profile: str = "canonical"
    location: str
    feed: Feed | None = None


class Calendar(_Section):
    """The meetings for which a committee pack is made."""

    meetings: tuple[date, ...] = ()


_TargetName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+$")]
"""It is part of a secret's variable and of a receipt's file name."""


class TargetSettings(_Section):
    """One place that approved packs are delivered to: a folder, `sftp://`, or `mail`."""

    location: str
    attach: tuple[str, ...] = ("rapport.pdf", "tal.xlsx")
    attempts: int = Field(4, ge=1, le=20)
    connect_seconds: float = Field(20, gt=0)
    host_key: str | None = None
    known_hosts: str | None = None
    private_key: str | None = None


class CommitteeSettings(_Section):
    """When a pack is drafted, reminded of and delivered, in days before its meeting; and where."""

    comments: str = ""
    draft_days: int = Field(14, ge=0)
    remind_days: tuple[int, ...] = (7, 3, 1)
    deliver_days: int = Field(7, ge=0)
    retry_hours: int = Field(3, ge=1, le=24)
    targets: dict[_TargetName, TargetSettings] = {}


class Thresholds(_Section):
    """When a source fails as a whole: shares of its rows."""

    rejected_share: float = Field(0.02, ge=0, le=1)
    row_drop_share: float = Field(0.30, ge=0, le=1)


class ForecastSettings(_Section):
    """How far ahead and with how many sample paths the night forecasts."""

    horizon_months: int = Field(26, ge=1, le=120)
    samples: int = Field(1000, ge=100, le=20_000)
    seed: int = 20240101
    workers: int = Field(0, ge=0, description="0: as many as there are processors")


class IntakeSettings(_Section):
    """What a load may use, and what becomes of the delivered copies when they have been read."""

    memory_limit: str = "500MB"
    landing: Literal["keep", "encrypt", "remove"] = "keep"
    landing_recipient: str = ""


class RetentionSettings(_Section):
    """How long personal data and traces of work are kept; 0 keeps them without end."""

    person_months: int = Field(0, ge=0, description="after the last case of a person was closed")
    landing_days: int = Field(90, ge=0)
    superseded_load_days: int = Field(400, ge=0)
    published_days: int = Field(90, ge=0)
    log_days: int = Field(90, ge=0)
    access_log_days: int = Field(730, ge=0)
    dagster_days: int = Field(90, ge=0)


class PostgreSQLSettings(_Section):
    """A database that serves the published tables too; the password is a secret apart."""

    url: str
    connect_seconds: int = Field(10, ge=1)
    statement_seconds: int = Field(900, ge=1)
    attempts: int = Field(4, ge=1)

    @field_validator("url")
    @classmethod
    def _is_a_url_without_password(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("postgresql", "postgres") or not parts.hostname:
            raise ValueError("must be postgresql://user@host:port/database")
        if parts.password is not None:
            raise ValueError(f"holds a password; put it into {POSTGRESQL_PASSWORD} instead")
        return url


class QualitySettings(_Section):
    """Which findings a municipality wants to be told of."""

    silent: tuple[str, ...] = ()

    @field_validator("silent")
    @classmethod
    def _known_warnings(cls, silent: tuple[str, ...]) -> tuple[str, ...]:
        rules = catalogue().rules
        for code in silent:
            if code not in rules:
                raise ValueError(f"there is no rule {code}")
            if rules[code].severity != "warning":
                raise ValueError(f"{code} is an error, which is always told")
        return silent


class PublishSettings(_Section):
    """How many published runs are kept, and where they are served beside the files."""

    keep_runs: int = Field(14, ge=1)
    postgresql: PostgreSQLSettings | None = None


class SubscriptionSettings(_Section):
    """A dashboard that Metabase sends by e-mail, every day or on a day of the week."""

    dashboard: str
    recipients: tuple[str, ...] = Field(min_length=1)
    hour: int = Field(7, ge=0, le=23)
    day: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"] | None = None


class MetabaseSettings(_Section):
    """A Metabase server that `raaderum bi metabase` writes to; its API key is a secret."""

    url: str = ""
    database: str = "Råderum"
    readers: str | None = None
    subscriptions: tuple[SubscriptionSettings, ...] = ()

    @field_validator("subscriptions")
    @classmethod
    def _one_a_dashboard(
        cls, subscriptions: tuple[SubscriptionSettings, ...]
    ) -> tuple[SubscriptionSettings, ...]:
        names = [one.dashboard for one in subscriptions]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(
                f"{', '.join(twice)} has two subscriptions: name all its recipients in one"
            )
        return subscriptions


class NightSettings(_Section):
    """How long a night waits for another one to end, and how long it may take itself."""

    wait_minutes: float = Field(60, ge=0)
    max_minutes: float = Field(240, gt=0)


class AlertSettings(_Section):
    """What an alert says beside the failure; its addresses are a secret (orchestration.alerts)."""

    runbooks: str = "docs/runbooks"


class InitiativeSettings(_Section):
    """An adopted scenario: what it is about, when it begins, what it is to save a year."""

    name: str
    name_en: str = ""
    starts_on: date
    measure_types: tuple[str, ...] = Field(min_length=1)
    planned_saving: float
    scenario: str = ""

    @field_validator("starts_on")
    @classmethod
    def _a_month(cls, starts_on: date) -> date:
        if starts_on.day != 1:
            raise ValueError("must be the first of a month: effects are measured by month")
        return starts_on


class Settings(BaseSettings):
    """Everything that a municipality decides."""

    model_config = SettingsConfigDict(
        env_prefix="RAADERUM_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    municipality: Municipality = Municipality()
    sources: dict[str, SourceSettings] = {}
    calendar: Calendar = Calendar()
    committee: CommitteeSettings = CommitteeSettings()
    thresholds: Thresholds = Thresholds()
    forecast: ForecastSettings = ForecastSettings()
    intake: IntakeSettings = IntakeSettings()
    quality: QualitySettings = QualitySettings()
    publish: PublishSettings = PublishSettings()
    metabase: MetabaseSettings = MetabaseSettings()
    night: NightSettings = NightSettings()
    alerts: AlertSettings = AlertSettings()
    retention: RetentionSettings = RetentionSettings()
    initiatives: dict[str, InitiativeSettings] = {}

    _folder: Path = PrivateAttr(default_factory=Path.cwd)

    @property
    def folder(self) -> Path:
        """The folder from which relative locations count."""
        return self._folder


def read_settings(path: Path) -> Settings:
    """The settings of a file, with the environment over them. Raises ConfigurationError."""
    if not path.is_file():
        raise ConfigurationError(
            f"there is no configuration {path}; name one with --config, or begin with "
            "`raaderum demo`, which needs none"
        )

    class FromFile(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return (env_settings, TomlConfigSettingsSource(settings_cls, toml_file=path))

    _refuse_unknown_sections()
    try:
        settings = FromFile()
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path} is not valid TOML: {error}") from error
    except SettingsError as error:
        raise ConfigurationError(
            f"{error}; in the environment a list or a section is written as JSON, such as "
            '["2026-12-09"]'
        ) from error
    except ValidationError as error:
        raise ConfigurationError(f"{path}: {_explained(error)}") from error
    settings._folder = path.resolve().parent
    return settings


def _refuse_unknown_sections() -> None:
    """Raise ConfigurationError for a variable of a section that is not there.

    Pydantic reads only the sections that it knows, so that a slip of the pen would do nothing.
    """
    prefix = "RAADERUM_"
    for variable in sorted(os.environ):
        section, nested, _ = variable.upper().removeprefix(prefix).partition("__")
        if (
            variable.upper().startswith(prefix)
            and nested
            and section.casefold() not in Settings.model_fields
        ):
            raise ConfigurationError(
                f"{variable}: {section.casefold()} is not a known section; correct or unset it"
            )


def _explained(error: ValidationError) -> str:
    """One sentence for all that is wrong."""
    sentences = []
    for item in error.errors():
        where = ".".join(str(part) for part in item["loc"])
        if item["type"] == "extra_forbidden":
            sentences.append(f"{where} is not a known setting; remove it or correct its name")
        else:
            sentences.append(f"{where}: {item['msg'].lower()}")
    return "; ".join(sentences)


def home() -> Path:
    """The state folder: `RAADERUM_HOME`, by default `var/` where the command is run."""
    return Path(os.environ.get("RAADERUM_HOME", "var")).resolve()


def secret(name: str) -> str | None:
    """The secret in the environment variable `name`, or in the file that `<name>_FILE` names.

    None where neither is set. Raises ConfigurationError where the file cannot be read, or can be
    read by others.
    """
    value = os.environ.get(name)
    named = os.environ.get(f"{name}_FILE")
    if value is None and named:
        try:
            value = read_secret_file(Path(named))
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"{name}_FILE cannot be read: {error}") from error
    return value or None


def pseudonym_key() -> bytes:
    """The key of the pseudonyms, from the environment or a file named there.

    Raises ConfigurationError where there is none or it is too short to be a secret.
    """
    value = secret(KEY_VARIABLE)
    if value is None:
        raise ConfigurationError(
            f"{KEY_VARIABLE} is not set; set it, or {KEY_VARIABLE}_FILE, to a secret of at least "
            f"{MIN_KEY_LENGTH} signs and keep it: another key gives other pseudonyms"
        )
    return _long_enough(value, KEY_VARIABLE)


def key_in_file(path: Path) -> bytes:
    """A pseudonym key in a file. Raises ConfigurationError as `pseudonym_key`."""
    try:
        return _long_enough(read_secret_file(path), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}") from error


def _long_enough(value: str, where: str) -> bytes:
    if len(value) < MIN_KEY_LENGTH:
        raise ConfigurationError(f"{where} is shorter than {MIN_KEY_LENGTH} signs")
    return value.encode()
