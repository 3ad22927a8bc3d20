"""Which pseudonym key the raw layer was made with, without keeping the key.

What belongs here: the key's fingerprint and the refusal of another key. What does not: reading the
key (settings), changing it (rekey).
"""

import hashlib
import hmac
from pathlib import Path

from orchestration.settings import ConfigurationError

NAME = "key-fingerprint"
_LABEL = b"raaderum: fingerprint of the pseudonym key"


class AnotherKeyError(ConfigurationError):
    """The key is not the one that the raw layer was made with."""


def fingerprint(key: bytes) -> str:
    """Sixteen hexadecimal digits that tell two keys apart and neither of them."""
    return hmac.new(key, _LABEL, hashlib.sha256).hexdigest()[:16]


def require_same_key(raw: Path, key: bytes) -> str:
    """The fingerprint of `key`, remembered in `raw` the first time.

    Raises AnotherKeyError where the raw layer was made with another key: the same children would
    silently get other pseudonyms, and every history would break off.
    """
    found = fingerprint(key)
    known = known_fingerprint(raw)
    if known is None:
        write_fingerprint(raw, key)
    elif not hmac.compare_digest(known, found):
        raise AnotherKeyError(
            f"this pseudonym key (fingerprint {found}) is not the one that the state folder was "
            f"made with (fingerprint {known}); set that key again, or change to a new one with "
            "`raaderum rekey --new-key-file FILE`"
        )
    return found


def known_fingerprint(raw: Path) -> str | None:
    """The fingerprint of the key that the raw layer was made with; None for a new one."""
    path = raw / NAME
    return path.read_text("utf-8").strip() if path.is_file() else None


def write_fingerprint(raw: Path, key: bytes) -> None:
    """Remember the key of a raw layer. It lies in the layer itself, so that both change at once."""
    raw.mkdir(parents=True, exist_ok=True)
    partial = raw / f"{NAME}.part"
    partial.write_text(fingerprint(key) + "\n", encoding="utf-8")
    partial.replace(raw / NAME)
