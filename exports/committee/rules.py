"""The pack's thresholds and limits, which are data.

Belongs here: reading `rules.yml`. Not here: what is made of a threshold.
"""

from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def committee_rules() -> dict[str, Any]:
    """The pack's thresholds and limits."""
    path = Path(__file__).with_name("rules.yml")
    rules: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return rules
