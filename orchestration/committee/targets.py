"""The kinds of places that an approved pack goes to: a folder, an SFTP server, a mailbox.

Belongs here: handing over a pack's files. Not here: what was handed over already (delivery).

Files come under another name first, and the manifest last: whoever sees it has the whole pack.
"""

import posixpath
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from exports.language import Language
from orchestration.committee.store import Pack
from orchestration.intake.cpr import hide
from orchestration.intake.sources.base import LocationError, Reach
from orchestration.intake.sources.network import attempted, told
from orchestration.intake.sources.options import SourceOptions
from orchestration.refusal import Refusal
from orchestration.settings import ConfigurationError, Settings, TargetSettings, secret

MAIL = "mail"
_SFTP = "sftp://"
_PART = ".part"


class DeliveryError(Refusal):
    """A pack that could not be handed over; the message says what to do."""


class Target(Protocol):
    """One place."""

    @property
    def where(self) -> str:
        """What a receipt and a message call it; without a secret."""

    @property
    def repeatable(self) -> bool:
        """Whether handing over twice leaves what handing over once does."""

    def hand_over(self, pack: Pack) -> None:
        """Hand over the pack. Raises DeliveryError."""


def target(settings: Settings, name: str) -> Target:
    """The configured target. Raises ConfigurationError where it cannot be what it says."""
    options = settings.committee.targets.get(name)
    if options is None:
        raise ConfigurationError(f"there is no [committee.targets.{name}]; add it or correct it")
    lang = Language(settings.municipality.language)
    try:
        if options.location == MAIL:
            return MailTarget(name, options, settings, lang)
        if options.location.startswith(_SFTP):
            return SftpTarget(name, options, settings.folder, lang)
    except LocationError as error:
        raise ConfigurationError(f"committee.targets.{name}: {error}") from error
    if "://" in options.location:
        raise ConfigurationError(
            f"committee.targets.{name}.location is no known kind; known are a folder, sftp://, mail"
        )
    return FolderTarget(settings.folder / Path(options.location).expanduser(), lang)


def _inside(pack: Pack, lang: Language) -> tuple[str, str]:
    """The two folders that a pack is put into: meeting and edition."""
    return str(pack.meeting), lang.text("committee.delivery.folder", edition=pack.edition)


@dataclass(frozen=True)
class FolderTarget:
    """A folder or a mounted share."""

    folder: Path
    lang: Language
    repeatable: bool = True

    @property
    def where(self) -> str:
        """The folder."""
        return str(self.folder)

    def hand_over(self, pack: Pack) -> None:
        """Copy the files. Raises DeliveryError where the folder is not there or not writable."""
        if not self.folder.is_dir():
            raise DeliveryError(
                f"the committee target {self.folder} is not there; connect the share or make it"
            )
        out = self.folder.joinpath(*_inside(pack, self.lang))
        try:
            out.mkdir(parents=True, exist_ok=True)
            for name, body in pack.files().items():
                partial = out / (name + _PART)
                partial.write_bytes(body)
                partial.replace(out / name)
        except OSError as error:
            raise DeliveryError(
                f"the committee target {self.folder} took no files ({error.strerror}); check room"
                " and rights"
            ) from error


class SftpTarget:
    """A folder of an SFTP server, whose key is checked as a source's is."""

    repeatable = True

    def __init__(self, name: str, options: TargetSettings, folder: Path, lang: Language) -> None:
        from orchestration.intake.sources.sftp import SftpServer

        names = set(SourceOptions.model_fields) & set(TargetSettings.model_fields)
        reach = SourceOptions.model_validate(options.model_dump(include=names))
        context = Reach(f"committee_{name}", reach, folder, secret)
        self.server = SftpServer(options.location, context)
        self.where = self.server.where
        self.lang, self.attempts = lang, options.attempts

    def hand_over(self, pack: Pack) -> None:
        """Send the files, each attempt on a new connection. Raises DeliveryError."""
        try:
            attempted(lambda: self._send(pack), self.attempts, self.server.refusal)
        except Exception as error:
            remedy = self.server.refusal(error) or (
                f"tried {self.attempts} times; check the network and that the server runs"
            )
            # Without its cause, which may hold what must not be shown.
            raise DeliveryError(
                f"the committee target {self.where} took no files"
                f" ({told(error, self.server.secrets())}); {remedy}"
            ) from None

    def _send(self, pack: Pack) -> None:
        files = self.server.connect()
        out = posixpath.join(self.server.path, *_inside(pack, self.lang))
        files.makedirs(out, exist_ok=True)
        for name, body in pack.files().items():
            path = posixpath.join(out, name)
            files.pipe_file(path + _PART, body)
            # SFTP of old renames onto no file that is there.
            if files.exists(path):
                files.rm_file(path)
            files.mv(path + _PART, path)


class MailTarget:
    """Mail through the library of the alerts; its addresses are a secret."""

    repeatable = False

    def __init__(
        self, name: str, options: TargetSettings, settings: Settings, lang: Language
    ) -> None:
        self.variable = f"RAADERUM_SECRET_COMMITTEE_{name.upper()}_URLS"
        self.urls = (secret(self.variable) or "").split()
        if not self.urls:
            raise ConfigurationError(
                f"committee.targets.{name} has no address; put one per line into {self.variable},"
                " as for alerts (docs/configuration.md)"
            )
        self.where = f"{len(self.urls)} mail address{'es' * (len(self.urls) > 1)} of {name}"
        self.attach, self.lang = options.attach, lang
        self.municipality = settings.municipality.name

    def hand_over(self, pack: Pack) -> None:
        """Send one message with the files attached. Raises DeliveryError."""
        import apprise

        sender = apprise.Apprise(asset=apprise.AppriseAsset(app_id="Råderum"))
        for url in self.urls:
            if not sender.add(url):
                raise DeliveryError(f"{self.variable} has an address that apprise does not know")
        unknown = [name for name in self.attach if name not in pack.names]
        if unknown:
            raise DeliveryError(f"the pack has no {unknown[0]}; correct `attach` of the target")
        subject, body = _letter(pack, self.municipality, self.lang)
        files = [str(pack.folder / name) for name in self.attach]
        text = apprise.NotifyFormat.TEXT
        if not sender.notify(title=subject, body=body, body_format=text, attach=files):
            raise DeliveryError(
                f"the committee target {self.where} did not take the mail; check {self.variable}"
                " and the mail server"
            )


def _letter(pack: Pack, municipality: str, lang: Language) -> tuple[str, str]:
    """Subject and text of the mail."""
    standing = pack.standing
    text: Callable[..., str] = lang.text
    subject = text(
        "committee.delivery.subject", municipality=municipality, meeting=lang.date(pack.meeting)
    )
    on = date.fromisoformat(standing["approved_at"][:10])
    lines = [
        text(
            "committee.delivery.approved",
            edition=pack.edition,
            date=lang.date(on),
            by=standing["approved_by"],
        )
    ]
    if standing["reason"]:
        lines.append(text("committee.delivery.reason", reason=standing["reason"]))
    lines.append(text("committee.delivery.hash", sha256=pack.sha256))
    return hide(subject), "\n".join(lines)
