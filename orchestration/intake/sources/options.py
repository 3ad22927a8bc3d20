"""What can be set for a source beside its profile and location.

What belongs here: names, defaults and limits of the settings. What does not: what they do.
"""

from pydantic import BaseModel, ConfigDict, Field


class TableOptions(BaseModel):
    """One table or view of a database that is an entity."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    table: str
    changed_by: str | None = None
    """The column that tells when a row was changed last; without one the whole table is read."""
    overlap_hours: float = Field(48, ge=0)
    """How far before the newest change seen the next extraction begins."""
    full_every_days: float = Field(7, ge=0)
    """How often the whole table is read all the same, so that deleted rows are noticed."""


class SourceOptions(BaseModel):
    """How a source is reached; which of them count depends on the kind of location."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    settle_seconds: int | None = Field(None, ge=0)
    """A file changed within so many seconds is left alone; by default 60 for SFTP, else 0."""
    attempts: int = Field(4, ge=1, le=20)
    connect_seconds: float = Field(20, gt=0)
    read_seconds: float = Field(120, gt=0)
    """How long one answer of the source may take, or one statement of a database."""

    host_key: str | None = None
    """The server's public key (`ssh-ed25519 AAAA…`) or its fingerprint (`SHA256:…`)."""
    known_hosts: str | None = None
    private_key: str | None = None

    endpoint_url: str | None = None
    region: str | None = None
    account: str | None = None

    time_zone: str = "Europe/Copenhagen"
    """What moments with a time zone are turned into when they are read from a database."""
    tables: dict[str, TableOptions] = {}
