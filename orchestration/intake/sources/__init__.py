"""Where deliveries come from: folders, SFTP, S3, Azure Blob storage, databases.

What belongs here: one module a kind of source, and choosing it by the location. What does not:
which of a source's files are new (intake.arrivals), what is in them (intake.load).
"""

from collections.abc import Callable

from orchestration.intake.sources.base import Context, LocationError, Origin
from orchestration.intake.sources.folder import FolderOrigin
from orchestration.intake.sources.options import SourceOptions

_COMMON = frozenset({"attempts", "connect_seconds", "read_seconds"})
_FILES = frozenset({"settle_seconds"})


def open_source(location: str, context: Context) -> Origin:
    """The source behind a location; nothing is connected yet. Raises LocationError."""
    scheme, separator, _ = location.partition("://")
    kind = _kind(scheme.casefold()) if separator else _folder
    if kind is None:
        raise LocationError(
            f"{scheme}:// is no known kind of location; known are a folder, sftp://, s3://, az://,"
            " and a database by its SQLAlchemy URL (postgresql://, mssql+pyodbc://,"
            " oracle+oracledb://, mariadb+pymysql://)"
        )
    return kind(location, context)


def _kind(scheme: str) -> Callable[[str, Context], Origin] | None:
    if scheme in ("az", "abfs", "abfss"):
        return _azure
    if scheme.partition("+")[0] in ("postgresql", "mssql", "oracle", "mariadb", "mysql"):
        return _database
    return {"sftp": _sftp, "s3": _s3}.get(scheme)


def _folder(location: str, context: Context) -> Origin:
    _refuse_others(context, "a folder", _FILES)
    seconds = context.options.settle_seconds or 0
    return FolderOrigin(context.path(location), context.source, seconds)


def _sftp(location: str, context: Context) -> Origin:
    from orchestration.intake.sources.remote import RemoteOrigin
    from orchestration.intake.sources.sftp import SftpServer

    known = _COMMON | _FILES | {"host_key", "known_hosts", "private_key"}
    _refuse_others(context, "sftp://", known)
    return RemoteOrigin(SftpServer(location, context), context)


def _s3(location: str, context: Context) -> Origin:
    from orchestration.intake.sources.remote import RemoteOrigin
    from orchestration.intake.sources.s3 import S3Bucket

    _refuse_others(context, "s3://", _COMMON | _FILES | {"endpoint_url", "region"})
    return RemoteOrigin(S3Bucket(location, context), context)


def _azure(location: str, context: Context) -> Origin:
    from orchestration.intake.sources.azure import AzureContainer
    from orchestration.intake.sources.remote import RemoteOrigin

    _refuse_others(context, "az://", _COMMON | _FILES | {"account"})
    return RemoteOrigin(AzureContainer(location, context), context)


def _database(location: str, context: Context) -> Origin:
    from orchestration.intake.sources.database import DatabaseOrigin

    _refuse_others(context, "a database", _COMMON | {"tables", "time_zone"})
    return DatabaseOrigin(location, context)


def _refuse_others(context: Context, kind: str, known: frozenset[str]) -> None:
    """Raise LocationError for a setting that does nothing with this kind of location."""
    given = context.options.model_fields_set & SourceOptions.model_fields.keys()
    for name in sorted(given - known):
        raise LocationError(f"{name} means nothing for {kind}; remove it")
