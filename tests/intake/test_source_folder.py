"""The folder of a source: not there, or suddenly empty."""

import pytest

from orchestration.intake.arrivals import Source
from orchestration.intake.load import load_source
from orchestration.intake.sources.base import SourceUnavailableError
from orchestration.intake.sources.folder import FolderOrigin
from tests.intake.conftest import House, posting, postings


def test_a_folder_that_is_not_there(house: House) -> None:
    source = Source("cases", house.profile, FolderOrigin(house.folder / "gone"))
    with pytest.raises(SourceUnavailableError, match="check `location`"):
        load_source(source, house.place)


def test_a_folder_that_lost_all_its_files_is_unavailable(ledger: House) -> None:
    """An unmounted share looks like an empty folder; it must not pass for a quiet night."""
    path = ledger.deliver("postings.csv", postings([posting(1, "1.00")]))
    ledger.loaded()
    path.unlink()
    with pytest.raises(SourceUnavailableError, match="had before"):
        ledger.load()
