"""What the reading library leaves out of a sheet, to be put back.

What belongs here: the cells and their places. What does not: finding them (excel_xml, ods_xml,
xls_cells).
"""

from dataclasses import dataclass, field

Merged = tuple[tuple[int, int], tuple[int, int]]
"""The first and last (row, column) of cells that are one, both from 0."""


@dataclass
class LostCells:
    """Texts by row (from 1) and column (from 0), and how far they reach; and merged cells."""

    cells: dict[int, dict[int, str]] = field(default_factory=dict)
    width: int = 0
    height: int = 0
    merged: list[Merged] = field(default_factory=list)

    def add(self, row: int, column: int, text: str) -> None:
        """Note one cell."""
        self.cells.setdefault(row, {})[column] = text
        self.width, self.height = max(self.width, column + 1), max(self.height, row)

    def put_back(self, row: int, texts: list[str]) -> list[str]:
        """The row with its lost cells."""
        for column, text in self.cells.get(row, {}).items():
            texts[column] = text
        return texts
