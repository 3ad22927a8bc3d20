"""What is remembered of a source between nights, so that unchanged files are not fetched again.

What belongs here: the contents that versions of files had, how far tables were read, the file that
holds both. What does not: comparing (arrivals).

It is only ever a saving: without it everything is fetched and read again. It lies beside the raw
layer and holds no name of a file, because names may hold CPR numbers: keyed tokens stand for them.
"""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Extracted:
    """How far a table was read when its rows were last loaded."""

    reading_hash: str
    sha256: str
    """The content that was loaded."""
    watermark: str | None
    """The newest change seen, as ISO text."""
    expected: str
    """The content that the next extraction has if nothing changes until then."""
    full_at: str
    """When the whole table was read last, UTC as ISO text."""


@dataclass
class Remembered:
    """The memory of one source."""

    path: Path
    files: dict[str, str] = field(default_factory=dict)
    """Content (SHA-256) by the token of a file's name and version."""
    tables: dict[str, Extracted] = field(default_factory=dict)
    """The last counted extraction by entity."""

    @classmethod
    def of(cls, source: str, root: Path) -> "Remembered":
        """What is remembered of a source under the raw layer; nothing where that is unreadable."""
        path = root / "remembered" / f"{source}.json"
        try:
            kept = json.loads(path.read_text("utf-8"))
            tables = {entity: Extracted(**table) for entity, table in kept["tables"].items()}
            return cls(path, dict(kept["files"]), tables)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return cls(path)

    def save(self) -> None:
        """Write it; a reader sees the old or the new whole."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        tables = {entity: asdict(table) for entity, table in self.tables.items()}
        partial = self.path.with_suffix(".part")
        text = json.dumps({"files": self.files, "tables": tables}, indent=1, sort_keys=True)
        partial.write_text(text, "utf-8")
        partial.replace(self.path)
