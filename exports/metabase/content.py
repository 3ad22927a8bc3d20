"""What is offered in Metabase, read from `content.yml`, with ids that stay the same.

Belongs here: the shapes and the layout of a dashboard. Does not belong here: how they are written
to files or sent to a server.
"""

import base64
import hashlib
import re
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, field_validator, model_validator

_FILE = Path(__file__).with_name("content.yml")
SCHEMA = "reporting"
"""Where everything that is offered lies."""
_GRID = 24
_HEIGHTS = {"scalar": 3}
_HEIGHT = 8
_ENTITY_ID = 21
_TAG = re.compile(r"\{\{(\w+)\}\}")
_OPTIONAL = re.compile(r"\[\[(.*?)\]\]")
_NAMESPACE = uuid.UUID("5f1f0c1c-8f2c-4a5e-9d6e-3b6f2a7c9e01")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Filter(_Part):
    """What one may choose by on a dashboard; `tag` stands for it in the SQL of questions."""

    tag: str
    name: str
    widget: str

    @property
    def id(self) -> str:
        """The parameter's id: the same on every dashboard and day."""
        return hashlib.sha256(self.tag.encode()).hexdigest()[:8]

    @property
    def parameter(self) -> dict[str, str]:
        """The dashboard's parameter."""
        kind = self.widget.split("/")[0]
        return {
            "id": self.id,
            "name": self.name,
            "slug": self.tag,
            "type": self.widget,
            "sectionId": kind,
        }


class Question(_Part):
    """A native question; `dimensions` and `metrics` are columns of its result.

    `filters`: the column, as table.column, that each tag of its SQL is held against.
    """

    name: str
    display: str
    width: int
    sql: str
    dimensions: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    filters: dict[str, str] = {}

    @model_validator(mode="after")
    def _tags_have_columns(self) -> "Question":
        if set(_TAG.findall(self.sql)) != set(self.filters):
            raise ValueError(f"{self.name}: the tags of its SQL are not those of its filters")
        return self

    @property
    def unfiltered(self) -> str:
        """The SQL as Metabase sends it where nothing is chosen."""
        return _OPTIONAL.sub("", self.sql)

    def filtered(self, conditions: Mapping[str, str]) -> str:
        """The SQL with a condition for some tags, as Metabase writes them in."""

        def kept(optional: re.Match[str]) -> str:
            tags = _TAG.findall(optional[1])
            return optional[1] if set(tags) <= set(conditions) else ""

        return _TAG.sub(lambda tag: conditions[tag[1]], _OPTIONAL.sub(kept, self.sql))

    def tag_id(self, tag: str) -> str:
        """The id of a tag in this question."""
        return str(uuid.uuid5(_NAMESPACE, f"{self.name}/{tag}"))

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

    @property
    def tags(self) -> set[str]:
        """The tags that any question here has."""
        return {tag for question in self.questions for tag in question.filters}

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
    filters: dict[str, Filter] = {}

    @field_validator("filters", mode="before")
    @classmethod
    def _tagged(cls, filters: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        return {tag: {"tag": tag, **said} for tag, said in filters.items()}

    def filters_of(self, board: Dashboard) -> list[Filter]:
        """The filters of a dashboard, in the order in which they are declared."""
        return [one for tag, one in self.filters.items() if tag in board.tags]

    @property
    def questions(self) -> tuple[Question, ...]:
        """All questions, in order."""
        return tuple(one for board in self.dashboards for one in board.questions)

    @model_validator(mode="after")
    def _names_are_unique(self) -> "Content":
        names = [one.name for one in self.questions]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"more than one question is called {', '.join(sorted(twice))}")
        unknown = {tag for board in self.dashboards for tag in board.tags} - set(self.filters)
        if unknown:
            raise ValueError(f"no filter is declared for the tags {', '.join(sorted(unknown))}")
        return self


def read_content() -> Content:
    """The content as declared. Raises ValueError where it does not hold together."""
    return Content.model_validate(yaml.safe_load(_FILE.read_text("utf-8")))


def entity_id(kind: str, name: str) -> str:
    """Metabase's 21 characters for a thing of ours: the same on every server and every day."""
    digest = hashlib.sha256(f"raaderum/{kind}/{name}".encode()).digest()
    return base64.urlsafe_b64encode(digest).decode()[:_ENTITY_ID]
