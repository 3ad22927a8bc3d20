"""The Power BI project by contract: no Desktop is here, so what Desktop punishes is looked for."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7
from typer.testing import CliRunner

from exports.language import Language
from exports.powerbi import NAME, PowerBIError, Words, write_project
from exports.powerbi.model import MEASURES
from exports.powerbi.star import read_star
from exports.semantics import read_semantics
from orchestration.cli.app import app
from orchestration.manifest import ensure_manifest
from orchestration.powerbi import column_words
from orchestration.settings import ConfigurationError
from tests.exports import tmdl
from tests.exports.tmdl import Item

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT.parent / "shared" / "data" / "powerbi-schemas"
PARAMETERS = {"Kilde": "Parquet", "DataMappe": "C:\\Data\\", "Server": "", "Database": ""}


@pytest.fixture(scope="module")
def words() -> dict[str, dict[str, Words]]:
    return column_words(ensure_manifest())


@pytest.fixture(scope="module")
def project(words: dict[str, dict[str, Words]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("powerbi")
    write_project(out, read_semantics(), words, PARAMETERS)
    return out


@pytest.fixture(scope="module")
def model(project: Path) -> dict[str, Item]:
    """The model's tables by name."""
    files = sorted((project / f"{NAME}.SemanticModel/definition/tables").glob("*.tmdl"))
    items = [item for path in files for item in tmdl.read(path)]
    return {item.name: item for item in items}


def visuals(project: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    for path in sorted((project / f"{NAME}.Report/definition/pages").rglob("visual.json")):
        yield path, json.loads(path.read_text("utf-8"))


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_project_written_again_is_the_same_and_leaves_nothing_old(
    project: Path, words: dict[str, dict[str, Words]], tmp_path: Path
) -> None:
    again = tmp_path / "again"
    left = again / f"{NAME}.Report/definition/pages/old/page.json"
    left.parent.mkdir(parents=True)
    left.write_text("{}")
    write_project(again, read_semantics(), words, PARAMETERS)
    assert content(again) == content(project)


def test_ids_stay_when_words_change(
    project: Path, words: dict[str, dict[str, Words]], tmp_path: Path
) -> None:
    other = {
        table: {
            name: Words(f"{said.label} X", said.description, said.type)
            for name, said in columns.items()
        }
        for table, columns in words.items()
    }
    write_project(tmp_path, read_semantics(), other, PARAMETERS)
    tag = re.compile(r"(?:lineageTag:|relationship) (\S+)")
    for path in (project / f"{NAME}.SemanticModel").rglob("*.tmdl"):
        changed = tmp_path / path.relative_to(project)
        assert tag.findall(changed.read_text("utf-8")) == tag.findall(path.read_text("utf-8"))


def test_files_that_desktop_does_not_open_without_are_there(project: Path) -> None:
    opened = json.loads((project / f"{NAME}.pbip").read_text("utf-8"))
    assert opened["artifacts"] == [{"report": {"path": f"{NAME}.Report"}}]
    report, semantic = project / f"{NAME}.Report", project / f"{NAME}.SemanticModel"
    assert (report / ".platform").is_file()
    assert (semantic / ".platform").is_file()
    by_path = json.loads((report / "definition.pbir").read_text("utf-8"))["datasetReference"]
    assert (report / by_path["byPath"]["path"]).resolve() == semantic.resolve()
    database = tmdl.read(semantic / "definition/database.tmdl")[0]
    assert int(database.properties["compatibilityLevel"]) >= 1601


def test_pages_are_those_listed_and_read_in_order(project: Path) -> None:
    pages = project / f"{NAME}.Report/definition/pages"
    listed = json.loads((pages / "pages.json").read_text("utf-8"))
    assert set(listed["pageOrder"]) == {path.name for path in pages.iterdir() if path.is_dir()}
    for page in listed["pageOrder"]:
        found = [
            json.loads(path.read_text("utf-8")) for path in (pages / page).rglob("visual.json")
        ]
        places = [item["position"] for item in found]
        by_tab = sorted(places, key=lambda place: place["tabOrder"])
        assert by_tab == sorted(places, key=lambda place: (place["y"], place["x"]))
        assert all(place["x"] + place["width"] <= 1280 for place in places)
        assert all(place["y"] + place["height"] <= 720 for place in places)
    names = [item["name"] for _, item in visuals(project)]
    assert len(names) == len(set(names))
    assert all(path.parent.name == item["name"] for path, item in visuals(project))


def test_every_visual_has_a_title_and_says_what_it_shows(project: Path) -> None:
    for path, item in visuals(project):
        said = item["visual"]["visualContainerObjects"]
        for text in (
            said["title"][0]["properties"]["text"],
            said["general"][0]["properties"]["altText"],
        ):
            assert len(text["expr"]["Literal"]["Value"]) > len("''"), path


def fields(node: Any) -> Iterator[tuple[str, str, str]]:
    """Kind, table and name of every field under a node of a visual."""
    if isinstance(node, dict):
        for kind in ("Column", "Measure"):
            if kind in node and "Property" in node[kind]:
                found = node[kind]
                yield kind, found["Expression"]["SourceRef"]["Entity"], found["Property"]
        for child in node.values():
            yield from fields(child)
    elif isinstance(node, list):
        for child in node:
            yield from fields(child)


def test_every_field_that_a_visual_names_exists_and_is_shown(
    project: Path, model: dict[str, Item]
) -> None:
    seen = 0
    for path, item in visuals(project):
        for kind, table, name in fields(item):
            found = [each for each in model[table].of(kind.lower()) if each.name == name]
            assert found, f"{path}: {table}.{name}"
            assert "isHidden" not in found[0].properties, f"{path}: {table}.{name}"
            seen += 1
    assert seen > 100


def test_every_measure_of_the_layer_is_in_the_model_with_its_words(model: dict[str, Item]) -> None:
    there = {item.name: item for item in model[MEASURES].of("measure")}
    for measure in read_semantics().measures.values():
        item = there[measure.label["da"]]
        assert item.properties["displayFolder"] == measure.folder["da"]
        assert item.properties["formatString"] == measure.format
        assert item.description


def test_every_measure_is_shown_on_some_page_or_is_a_part_of_one(
    project: Path, model: dict[str, Item]
) -> None:
    shown = {name for _, item in visuals(project) for kind, _, name in fields(item)}
    text = "\n".join(line for item in model[MEASURES].of("measure") for line in item.expression)
    for measure in read_semantics().measures.values():
        name = measure.label["da"]
        assert name in shown or f"[{name}]" in text or measure.name in NOT_ON_A_PAGE, name


NOT_ON_A_PAGE = {
    "budget_remaining",
    "committed_remaining",
    "consumption_rate",
    "expected_not_granted",
    "expected_outturn_p50",
}


def test_the_model_is_sound(project: Path, model: dict[str, Item]) -> None:
    for table in model.values():
        assert len(table.of("partition")) == 1, table.name
        columns = table.of("column")
        names = Counter(item.name.casefold() for item in [*columns, *table.of("measure")])
        assert max(names.values()) == 1, table.name
        sources = Counter(item.properties["sourceColumn"] for item in columns)
        assert max(sources.values()) == 1, table.name
        known = {item.name for item in columns}
        for column in columns:
            assert column.properties["dataType"] in tmdl.DATA_TYPES
            assert tmdl.unquoted(column.properties.get("sortByColumn", "'Dato'")) in {
                *known,
                "Dato",
            }
        for level in (each for item in table.of("hierarchy") for each in item.of("level")):
            assert tmdl.unquoted(level.properties["column"]) in known
    tags = re.findall(
        r"lineageTag: (\S+)",
        "\n".join(path.read_text("utf-8") for path in project.rglob("*.tmdl")),
    )
    assert len(tags) == len(set(tags)) > 100


def test_relationships_join_columns_of_one_type_to_a_key(
    project: Path, model: dict[str, Item]
) -> None:
    path = project / f"{NAME}.SemanticModel/definition/relationships.tmdl"
    pairs = []
    for item in tmdl.read(path):
        ends = []
        for end in ("fromColumn", "toColumn"):
            table, name = tmdl.column_reference(item.properties[end])
            [column] = [each for each in model[table].of("column") if each.name == name]
            ends.append((table, column))
        (table, many), (other, one) = ends
        assert many.properties["dataType"] == one.properties["dataType"], item.properties
        assert "isKey" in one.properties, f"{other}.{one.name}"
        pairs.append((table, other))
    # Two ways between two tables would be ambiguous.
    assert len(pairs) == len(set(pairs)) > 30


def test_expressions_name_what_there_is_and_close_what_they_open(
    project: Path, model: dict[str, Item]
) -> None:
    role = tmdl.read(project / f"{NAME}.SemanticModel/definition/roles/Team.tmdl")[0]
    measures = {item.name for item in model[MEASURES].of("measure")}
    for item in [*model[MEASURES].of("measure"), *role.of("tablePermission")]:
        text = re.sub(r'"[^"]*"', "", "\n".join(item.expression))
        assert text, item.name
        for left, right in ("()", "[]"):
            assert text.count(left) == text.count(right), item.name
        for table, column in re.findall(r"'([^']+)'\[([^\]]+)\]", text):
            assert column in {each.name for each in model[table].of("column")}, item.name
        for table in re.findall(r"'([^']+)'", text):
            assert table in model, item.name
        for measure in re.findall(r"(?<!['\w])\[([^\]]+)\]", text):
            assert measure in measures, item.name
        assert not re.search(r"\b(?:fct|dim|rpt)_\w+", text), item.name


def test_a_verdict_is_called_as_in_the_cockpit() -> None:
    [dax] = [item.dax for item in read_star().texts if item.folder == "Initiativer"]
    said = dict(re.findall(r'"(\w+)", "\S (.+)"', dax))
    lang = Language("da")
    assert said == {
        name: lang.text(f"verdict.{name}")
        for name in ("saves", "costs_more", "not_yet_distinguishable")
    }


def test_the_role_sees_its_own_teams_and_no_households(project: Path) -> None:
    role = tmdl.read(project / f"{NAME}.SemanticModel/definition/roles/Team.tmdl")[0]
    conditions = {item.name: item.expression[0] for item in role.of("tablePermission")}
    assert "USERPRINCIPALNAME()" in conditions["Organisation"]
    assert conditions["Refusion"] == "FALSE()"


def test_no_table_reads_a_column_that_is_not_published(
    words: dict[str, dict[str, Words]], model: dict[str, Item]
) -> None:
    read = 0
    for table in model.values():
        m = "\n".join(table.of("partition")[0].expression)
        for source in re.findall(r'Item = "(\w+)"', m):
            added = set(re.findall(r'AddColumn\(\w+, "(\w+)"', m))
            columns = {item.properties["sourceColumn"] for item in table.of("column")}
            assert columns - added <= set(words[source]), table.name
            assert f'DataMappe & "{source}.parquet"' in m
            read += 1
    assert read > 15


def test_it_is_exposed_with_every_table_that_it_reads() -> None:
    exposures = json.loads(ensure_manifest().read_text("utf-8"))["exposures"].values()
    [found] = [item for item in exposures if item["name"] == "power_bi"]
    read = {table.source for table in read_star().tables.values() if table.source}
    assert {name.rsplit(".", 1)[1] for name in found["depends_on"]["nodes"]} == read


def test_the_command_writes_it_on_the_published_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAADERUM_HOME", str(tmp_path / "var"))
    arguments = ["bi", "powerbi", "--config", str(ROOT / "raaderum.toml")]
    done = CliRunner().invoke(app, [*arguments, "--out", str(tmp_path / "powerbi")])
    assert done.exit_code == 0, done.output
    [opened] = (tmp_path / "powerbi").glob("*.pbip")
    assert str(opened) in done.output.replace("\n", "")
    parameters = tmp_path / f"powerbi/{NAME}.SemanticModel/definition/expressions.tmdl"
    folder = str(tmp_path / "var" / "published" / "current" / "parquet")
    assert f'DataMappe = "{folder}' in parameters.read_text("utf-8")
    refused = CliRunner().invoke(app, [*arguments, "--postgresql"])
    assert isinstance(refused.exception, ConfigurationError)


def test_a_name_that_is_used_twice_is_refused(
    words: dict[str, dict[str, Words]], tmp_path: Path
) -> None:
    same = {
        name: Words("Ens", said.description, said.type) for name, said in words["dim_run"].items()
    }
    with pytest.raises(PowerBIError, match="dim_run: used twice"):
        write_project(tmp_path, read_semantics(), {**words, "dim_run": same}, PARAMETERS)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("table A\n    column B\n", "blanks instead of tabs"),
        ("table A\n\tcolumn B\n\t\tdatatype: string\n", "column has no datatype"),
        ("table A B\n", "has no table"),
        ("table A\n\t\tcolumn B\n", "too deep"),
    ],
)
def test_the_lint_sees_what_desktop_would_refuse(broken: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.tmdl"
    path.write_text(broken, encoding="utf-8")
    with pytest.raises(tmdl.TmdlError, match=said):
        tmdl.read(path)


@pytest.mark.skipif(not SCHEMAS.is_dir(), reason=f"Microsoft's schemas are not in {SCHEMAS}")
def test_every_json_file_is_what_microsofts_schemas_say(project: Path) -> None:
    resources = []
    for path in SCHEMAS.rglob("*.json"):
        schema = json.loads(path.read_text("utf-8"))
        place = path.relative_to(SCHEMAS / "fabric").as_posix()
        address = f"https://developer.microsoft.com/json-schemas/fabric/{place}"
        if isinstance(schema, dict) and "$schema" in schema:
            resources.append((address, Resource(schema, DRAFT7)))
    registry: Registry[Any] = Registry().with_resources(resources)
    checked = 0
    for path in sorted(project.rglob("*")):
        if not path.is_file() or path.suffix == ".tmdl":
            continue
        item = json.loads(path.read_text("utf-8"))
        schema = registry.contents(item["$schema"])
        faults = list(jsonschema.Draft7Validator(schema, registry=registry).iter_errors(item))
        assert not faults, f"{path}: {faults[0].message}"
        checked += 1
    assert checked > 50
