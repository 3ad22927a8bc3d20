"""What is offered in Metabase, read from `content.yml`, with ids that stay the same.

Belongs here: the shapes and the layout of a dashboard. Does not belong here: how they are written
to files or sent to a server.
"""

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, model_validator

_FILE = Path(__file__).with_name("content.yml")
_GRID = 24
_HEIGHTS = {"scalar": 3}
_HEIGHT = 8
_ENTITY_ID = 21


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Question(_Part):
    """A native question; `dimensions` and `metrics` are columns of its result."""

    name: str
    display: str
    width: int
    sql: str
    dimensions: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()

    @property
    def settings(self) -> dict[str, Any]:
        """Metabase's visualization settings."""
        if not self.dimensions:
            return {}
        return {
            "graph.dimensions": list(self.dimensions),
            "graph.metrics": list(self.metrics),
        }


class Placed(_Part):
    """Where a question stands on the 24 columns of a dashboard."""

    question: Question
    row: int
    col: int
    size_x: int
    size_y: int


class Dashboard(_Part):
    """Questions in reading order."""

    name: str
    description: str
    questions: tuple[Question, ...]

    def placed(self) -> Iterator[Placed]:
        """The questions from left to right, a new row where the next one does not fit."""
        row = col = height = 0
        for question in self.questions:
            if col + question.width > _GRID:
                row, col, height = row + height, 0, 0
            size = _HEIGHTS.get(question.display, _HEIGHT)
            yield Placed(question=question, row=row, col=col, size_x=question.width, size_y=size)
            col, height = col + question.width, max(height, size)


class Content(_Part):
    """One collection with its dashboards; names are unique, since they are what is found again."""

    collection: str
    description: str
    dashboards: tuple[Dashboard, ...]

    @property
    def questions(self) -> tuple[Question, ...]:
        """All questions, in order."""
        return tuple(one for board in self.dashboards for one in board.questions)

    @model_validator(mode="after")
    def _names_are_unique(self) -> "Content":
        names = [one.name for one in self.questions]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"more than one question is called {', '.join(sorted(twice))}")
        return self


def read_content() -> Content:
    """The content as declared. Raises ValueError where it does not hold together."""
    return Content.model_validate(yaml.safe_load(_FILE.read_text("utf-8")))


def entity_id(kind: str, name: str) -> str:
    """Metabase's 21 characters for a thing of ours: the same on every server and every day."""
    digest = hashlib.sha256(f"raaderum/{kind}/{name}".encode()).digest()
    return base64.urlsafe_b64encode(digest).decode()[:_ENTITY_ID]
