"""The JSON schema of a profile, by which an editor completes and checks one while it is written.

What belongs here: making it from the models. What does not: the models (profiles, forms).

It is kept beside the profiles as `profile.schema.json`; `make schema` writes it anew.
"""

import json
from pathlib import Path

from orchestration.intake.profiles import Profile, shipped_folder

SCHEMA_NAME = "profile.schema.json"


def schema_text() -> str:
    """The schema as the file holds it."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Profile.model_json_schema(),
        "title": "Råderum source profile",
    }
    return json.dumps(schema, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def write_schema() -> Path:
    """Write the schema beside the profiles of the product; its path."""
    path = shipped_folder() / SCHEMA_NAME
    path.write_text(schema_text(), encoding="utf-8")
    return path


if __name__ == "__main__":
    write_schema()
