"""The repository's own promises: the lock, the dependency list and the doors between the rooms.

What the code does is tested beside the code; here is only what holds for the checkout as a whole.
"""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.lock", "requirements-bootstrap.lock")
DEPENDENCY_PAGE = ROOT / "docs" / "adr" / "0002-dependencies.md"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ROOMS = ("orchestration", "forecasting", "exports")


def declared() -> dict[str, Requirement]:
    """Every direct dependency by its canonical name, to run and to develop."""
    lines = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]
    return {canonicalize_name(r.name): r for r in map(Requirement, lines)}


def optional() -> dict[str, Requirement]:
    """The drivers that a municipality installs for its own systems' databases."""
    extras = PROJECT["optional-dependencies"]
    lines = [line for name, lines in extras.items() if name != "dev" for line in lines]
    return {canonicalize_name(r.name): r for r in map(Requirement, lines)}


def locked(name: str) -> dict[str, Requirement]:
    """Every pinned package of a lock file by its canonical name."""
    text = (ROOT / name).read_text(encoding="utf-8")
    pins = re.findall(r"^([a-z0-9][^\\\n]*?)\s*\\$", text, flags=re.MULTILINE)
    return {canonicalize_name(r.name): r for r in map(Requirement, pins)}


def tracked_text() -> list[tuple[Path, str]]:
    """Text files under version control, or of the folders that are, where there is no git."""
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False, encoding="utf-8"
    )
    if listing.returncode != 0:
        pytest.skip("not a git checkout")
    found = []
    for name in filter(None, listing.stdout.split("\0")):
        path = ROOT / name
        try:
            found.append((path, path.read_text(encoding="utf-8")))
        except (UnicodeDecodeError, FileNotFoundError):
            continue
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_lock_names_no_registry(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not re.search(r"https?://|file:|--(extra-)?index-url|--find-links|--trusted-host", text)


@pytest.mark.parametrize("name", LOCKS)
def test_lock_pins_and_hashes_every_package(name: str) -> None:
    entries = re.split(r"\n(?=[a-z0-9])", (ROOT / name).read_text(encoding="utf-8"))[1:]
    assert len(entries) == len(locked(name)) > 0
    for entry in entries:
        assert re.match(r"[a-z0-9._-]+(\[[a-z0-9,_-]+\])?==\S+", entry), entry.splitlines()[0]
        assert "--hash=sha256:" in entry, entry.splitlines()[0]


def test_lock_has_every_dependency_in_its_range() -> None:
    pins = locked("requirements.lock")
    for name, requirement in declared().items():
        assert name in pins, f"{name} is not in the lock; run `make lock`"
        version = next(iter(pins[name].specifier)).version
        assert requirement.specifier.contains(version), f"{name} {version} is out of its range"


def test_every_dependency_has_its_reason() -> None:
    rows = re.findall(
        r"^\| `([^`]+)` \| (.+?) \|", DEPENDENCY_PAGE.read_text("utf-8"), re.MULTILINE
    )
    reasons = {canonicalize_name(name): reason for name, reason in rows}
    assert not [name for name in declared() | optional() if not reasons.get(name)]


def test_no_reason_is_left_of_a_dependency_that_is_gone() -> None:
    kept = DEPENDENCY_PAGE.read_text("utf-8").split("### Not taken")[0]
    rows = re.findall(r"^\| `([^`]+)` \|", kept, re.MULTILINE)
    assert {canonicalize_name(name) for name in rows} == set(declared()) | set(optional())


def test_no_path_of_one_machine() -> None:
    home = re.compile(r"(?<![\w.])/(?:root|home/\w+|Users/\w+|work|tmp)/\w|[A-Z]:\\Users\\\w")
    hits = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path, text in tracked_text()
        if path != Path(__file__)
        for match in home.finditer(text)
    ]
    assert not hits


def test_rooms_keep_their_doors() -> None:
    """The import contracts of pyproject.toml hold."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, encoding="utf-8")
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("room", ROOMS)
def test_every_module_says_what_belongs_in_it(room: str) -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / room).rglob("*.py"))
        if (text := path.read_text(encoding="utf-8").strip()) and not text.startswith('"""')
    ]
    assert not silent


@pytest.mark.parametrize("room", ROOMS)
def test_no_file_grows_past_four_hundred_lines(room: str) -> None:
    long = [
        f"{path.relative_to(ROOT)} has {count} lines"
        for path in sorted((ROOT / room).rglob("*.py"))
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > 400
    ]
    assert not long
