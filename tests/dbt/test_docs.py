"""The lineage as a picture, and who reads what."""

import json
import re
from pathlib import Path
from typing import Any

import yaml

from exports.cockpit.inputs import HERE
from orchestration.lineage import BANDS, columns_of, lineage_svg, nodes_of
from orchestration.manifest import ensure_manifest

CONTRACTS = Path(__file__).parents[2] / "docs" / "contracts"


def manifest() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(ensure_manifest().read_text("utf-8"))
    return found


def test_the_lineage_shows_every_table_in_its_folder() -> None:
    found = manifest()
    picture = lineage_svg(found)
    nodes, parents = nodes_of(found)
    assert {node.band for node in nodes.values()} == set(BANDS)
    for node in nodes.values():
        assert f">{node.name}</text>" in picture, node.name
    assert picture.count("<path ") == sum(len(found) for found in parents.values())
    placed = [key for _, keys in columns_of(nodes, parents) for key in keys]
    assert sorted(placed) == sorted(nodes)
    assert lineage_svg(found) == picture


def test_the_cockpit_is_exposed_with_every_table_that_it_reads() -> None:
    exposures = {item["name"]: item for item in manifest()["exposures"].values()}
    assert all(item["owner"]["name"] for item in exposures.values())
    read = yaml.safe_load((HERE / "columns.yml").read_text(encoding="utf-8"))
    parents = exposures["cockpit"]["depends_on"]["nodes"]
    # The effects of initiatives are two tables of the star put together (exports.publish).
    tables = set(read) - {"initiative_effects"} | {"dim_initiative", "fct_initiative_effect"}
    assert {parent.rsplit(".", 1)[1] for parent in parents} == tables


def test_every_exposure_has_its_written_contract_on_the_same_tables() -> None:
    exposures = {item["name"]: item for item in manifest()["exposures"].values()}
    contracts = {path.stem: path.read_text("utf-8") for path in CONTRACTS.glob("*.md")}
    assert set(contracts) == set(exposures)
    for name, text in contracts.items():
        for part in ("Reader", "Where", "How fresh", "What may be seen", "How to check"):
            assert f"**{part}.**" in text, name
        if "Every table of both schemas" not in text:
            parents = exposures[name]["depends_on"]["nodes"]
            named = set(re.findall(r"^- `(\w+)`$", text, re.MULTILINE))
            assert named == {parent.rsplit(".", 1)[1] for parent in parents}, name
