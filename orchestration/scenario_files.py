"""Scenario files: reading them, and keeping those that show beside the base.

What belongs here: YAML, its errors in words, the folder of kept scenarios, the JSON schema. What
does not: the shape of a scenario and what it does (forecasting).
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import ValidationError

from forecasting.changes import Scenario
from orchestration.settings import ROOT, ConfigurationError
from orchestration.state import State

SCHEMA = ROOT / "docs" / "scenarios" / "scenario.schema.json"


@dataclass(frozen=True)
class ScenarioFile:
    """A scenario and the text that it was read from."""

    scenario: Scenario
    text: str


def read_scenario(path: Path) -> ScenarioFile:
    """Raises ConfigurationError naming the file, the change, the field and what is wrong."""
    try:
        text = path.read_text("utf-8")
        found = yaml.safe_load(text)
    except FileNotFoundError as error:
        raise ConfigurationError(f"there is no file {path}") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise ConfigurationError(f"{path} cannot be read as YAML: {reason}") from error
    try:
        return ScenarioFile(Scenario.model_validate(found), text)
    except ValidationError as error:
        raise ConfigurationError(f"{path}: {_explained(error)}") from error


def keep(state: State, file: ScenarioFile) -> Path:
    """Keep a scenario under its name: every night makes it anew on the new base."""
    path = state.scenarios / f"{file.scenario.name}.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    partial.write_text(file.text, encoding="utf-8", newline="\n")
    partial.replace(path)
    return path


def forget(state: State, name: str) -> None:
    """Stop making a scenario; what earlier runs published of it stays. Raises ConfigurationError
    where none of that name is kept."""
    path = state.scenarios / f"{name}.yml"
    if path not in kept(state):
        names = ", ".join(one.stem for one in kept(state)) or "none"
        raise ConfigurationError(f"no scenario {name} is kept; there are: {names}")
    path.unlink()


def kept(state: State) -> list[Path]:
    """The kept scenarios' files, by name."""
    return sorted(state.scenarios.glob("*.yml"), key=lambda path: path.name)


def identity(state: State) -> str:
    """A hash of all that is kept, empty where nothing is: part of a run's identity."""
    texts = [(path.name, path.read_bytes()) for path in kept(state)]
    return hashlib.sha256(repr(texts).encode()).hexdigest() if texts else ""


def schema_text() -> str:
    """The JSON schema by which an editor completes and checks a scenario file."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Scenario.model_json_schema(),
        "title": "Råderum scenario",
    }
    return json.dumps(schema, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def _explained(error: ValidationError) -> str:
    """One sentence for all that is wrong."""
    sentences = []
    for item in error.errors():
        place = list(item["loc"])
        where = ""
        if len(place) > 1 and place[0] == "changes":
            kind = f" ({place[2]})" if len(place) > 2 else ""
            where, place = f"change {int(place[1]) + 1}{kind}, ", place[3:]
        field = ".".join(str(part) for part in place)
        if item["type"] == "extra_forbidden":
            sentences.append(f"{where}{field} is not known; remove it or correct its name")
        elif item["type"] == "missing":
            sentences.append(f"{where}{field} is missing")
        else:
            sentences.append(f"{where}{field}: {item['msg'].removeprefix('Value error, ')}")
    return "; ".join(sentences)


if __name__ == "__main__":
    SCHEMA.write_text(schema_text(), encoding="utf-8")
