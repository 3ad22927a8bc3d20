"""The rules that delivered data are held to, read from `rules.yml`.

What belongs here: codes, severities and texts. What does not: when a rule is broken (values, load).
"""

from functools import cache
from importlib.resources import files
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

Severity = Literal["error", "warning"]


class Text(BaseModel):
    """One text in both languages."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    da: str
    en: str


class Rule(BaseModel):
    """What is wrong, how bad it is, and what to do."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    severity: Severity
    message: Text
    remedy: Text


class Catalogue(BaseModel):
    """All rules by code, and the sentence that offers a suggestion."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    suggestion: Text
    rules: dict[str, Rule]


@cache
def catalogue() -> Catalogue:
    """The rules of intake."""
    text = files("orchestration.intake").joinpath("rules.yml").read_text("utf-8")
    return Catalogue.model_validate(yaml.safe_load(text))
