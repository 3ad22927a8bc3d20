"""From blocks to entities: rows wait on disk until an entity is written from all blocks.

Blocks yield all entities at once, writers want one entity at a time; memory holds one block.
Canonical CSV is the default writer; another shape is written by passing another callable.
"""

from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path

import pandas as pd
import yaml

WriteEntity = Callable[[str, Iterator[pd.DataFrame]], None]
"""Writes one entity. Frames hold the contract's columns in its order; every value is text in
canonical form (ISO dates, decimal point, `true`/`false`) and null is None."""


class Spool:
    """Frames per entity in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count: dict[str, int] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, entity: str, frame: pd.DataFrame) -> None:
        """Keep a block's rows."""
        number = self._count.get(entity, 0)
        self._count[entity] = number + 1
        frame.reset_index(drop=True).to_feather(
            self._folder / f"{entity}-{number:05d}.feather", compression="lz4"
        )

    def frames(self, entity: str) -> Iterator[pd.DataFrame]:
        """The rows again, in the order they came; each piece is deleted once it is read."""
        for number in range(self._count.get(entity, 0)):
            path = self._folder / f"{entity}-{number:05d}.feather"
            frame = pd.read_feather(path)
            path.unlink()
            yield frame


def canonical_writer(out: Path) -> WriteEntity:
    """Writes `out/<feed>/<entity>.csv` as contract section 3 has it."""
    entities = contract_entities()

    def write(entity: str, frames: Iterator[pd.DataFrame]) -> None:
        path = out / str(entities[entity]["feed"]) / f"{entity}.csv"
        write_csv(path, frames, list(entities[entity]["columns"]))

    return write


def write_csv(path: Path, frames: Iterator[pd.DataFrame], columns: list[str]) -> None:
    """UTF-8, comma, header, `\\n`, empty for null."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as handle:
        handle.write(",".join(columns) + "\n")
        for frame in frames:
            frame[columns].to_csv(handle, index=False, header=False, lineterminator="\n")


def contract_entities() -> dict[str, dict[str, dict[str, object]]]:
    """The canonical entities as declared."""
    path = files("orchestration.intake.contracts") / "entities.yml"
    declared: dict[str, dict[str, dict[str, dict[str, object]]]] = yaml.safe_load(
        path.read_text(encoding="utf-8")
    )
    return declared["entities"]
