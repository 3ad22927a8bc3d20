"""The accounting of one delivered file: what became of each of its rows.

What belongs here: the counts and that they add up. What does not: deciding a row's fate
(entity_load), what vanishes and returns (comparison).
"""

from dataclasses import dataclass


@dataclass
class FileCount:
    """What became of the rows of one file."""

    entity: str
    file: str
    sha256: str
    bytes: int
    delivery: str
    failed: bool = False
    rows_read: int = 0
    rows_loaded: int = 0
    rows_rejected: int = 0
    rows_superseded: int = 0
    rows_out_of_scope: int = 0
    rows_vanished: int = 0
    """Rows of the entity that held before and are not delivered, counted on its first file."""
    rows_returned: int = 0
    """Rows of the entity that had vanished and are delivered again, counted on its first file."""
    header: tuple[str, ...] = ()
    twin: bool = False
    """It has the content of another file of the delivery, and was not read for itself."""

    def check(self) -> None:
        """Raise RuntimeError where a row is unaccounted for: a defect of ours, not of the data."""
        kept = self.rows_loaded + self.rows_rejected + self.rows_superseded
        if self.rows_read != kept + self.rows_out_of_scope:
            raise RuntimeError(f"{self.file}: rows are unaccounted for: {self}")
