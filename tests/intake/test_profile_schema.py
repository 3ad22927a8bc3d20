"""The JSON schema beside the profiles: current, and agreeing with every profile of the product."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from orchestration.intake.profile_schema import SCHEMA_NAME, schema_text
from orchestration.intake.profiles import shipped_folder

PROFILES = sorted(shipped_folder().glob("*.yml"), key=lambda path: path.name)


def as_json(path: Path) -> Any:
    """A profile as an editor sees it: a date is a text."""
    return json.loads(json.dumps(yaml.safe_load(path.read_text("utf-8")), default=str))


def test_the_schema_is_current() -> None:
    kept = (shipped_folder() / SCHEMA_NAME).read_text("utf-8")
    assert kept == schema_text(), "run `make schema`"
    jsonschema.Draft202012Validator.check_schema(json.loads(kept))


@pytest.mark.parametrize("path", PROFILES, ids=lambda path: path.stem)
def test_every_profile_fits_the_schema_and_names_it(path: Path) -> None:
    jsonschema.validate(as_json(path), json.loads(schema_text()))
    first = path.read_text("utf-8").splitlines()[0]
    assert first == f"# yaml-language-server: $schema={SCHEMA_NAME}"


def test_the_schema_refuses_what_a_profile_may_not_say() -> None:
    profile = as_json(shipped_folder() / "sensum.yml")
    profile["entities"]["children"]["colums"] = {}
    with pytest.raises(jsonschema.ValidationError, match="colums"):
        jsonschema.validate(profile, json.loads(schema_text()))


def test_every_key_that_an_editor_offers_is_explained() -> None:
    found = json.loads(schema_text())
    parts = {name: found["$defs"][name] for name in ("ColumnMap", "EntityMap", "Mapping")}
    for name, part in (parts | {"Profile": found}).items():
        silent = [key for key, said in part["properties"].items() if "description" not in said]
        assert not silent, f"{name}: {silent}"
