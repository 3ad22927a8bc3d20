"""The rules that delivered data are held to, read from `rules.yml`.

What belongs here: codes, severities and texts, and the warehouse's copy of them. What does not:
when a rule is broken (values, load; dbt's `int_findings_*`).
"""

import csv
import io
import sys
from functools import cache
from importlib.resources import files
from typing import Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, model_validator

Severity = Literal["error", "warning"]
Level = Literal["loading", "meaning"]

SEED_COLUMNS = (
    "rule",
    "entity",
    "severity",
    "message_da",
    "message_en",
    "remedy_da",
    "remedy_en",
)


class Text(BaseModel):
    """One text in both languages."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    da: str
    en: str


class Rule(BaseModel):
    """What is wrong, how bad it is, what to do, and who finds it.

    A rule on the meaning of rows names the entity that it looks at, and never rejects: its rows
    are loaded when it is found.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    severity: Severity
    level: Level = "loading"
    entity: str | None = None
    message: Text
    remedy: Text

    @model_validator(mode="after")
    def _whose(self) -> Self:
        if (self.level == "meaning") != (self.entity is not None):
            raise ValueError("a rule on the meaning of rows, and no other, names an entity")
        if self.level == "meaning" and self.severity != "warning":
            raise ValueError("a rule on the meaning of rows is a warning: the rows are loaded")
        return self


class Catalogue(BaseModel):
    """All rules by code, and the sentence that offers a suggestion."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    suggestion: Text
    rules: dict[str, Rule]

    def of_level(self, level: Level) -> dict[str, Rule]:
        """The rules that are found on one level."""
        return {code: rule for code, rule in self.rules.items() if rule.level == level}


@cache
def catalogue() -> Catalogue:
    """All rules: of loading and of meaning."""
    text = files("orchestration.intake").joinpath("rules.yml").read_text("utf-8")
    return Catalogue.model_validate(yaml.safe_load(text))


def seed_csv() -> str:
    """The rules on the meaning of rows, as the warehouse reads them (ref_quality_rules.csv)."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(SEED_COLUMNS)
    for code, rule in catalogue().of_level("meaning").items():
        message, remedy = rule.message, rule.remedy
        writer.writerow(
            [code, rule.entity, rule.severity, message.da, message.en, remedy.da, remedy.en]
        )
    return text.getvalue()


if __name__ == "__main__":
    sys.stdout.buffer.write(seed_csv().encode())
