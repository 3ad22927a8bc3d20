"""What tests of several exports share: the stand-in for a Metabase server, and its content.

Belongs here: fixtures. Not here: what must hold.
"""

from collections.abc import Iterator

import pytest

from exports.metabase import Content, read_content
from orchestration.manifest import ensure_manifest
from orchestration.powerbi import column_words
from tests.servers.metabase import Metabase, metabase_server


@pytest.fixture
def server() -> Iterator[Metabase]:
    words = column_words(ensure_manifest())
    with metabase_server({table: list(columns) for table, columns in words.items()}) as started:
        yield started


@pytest.fixture(scope="module")
def content() -> Content:
    return read_content()
