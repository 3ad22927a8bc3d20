"""From a draft that was read to an approved pack that stays: what is refused, what is kept."""

import json
import stat
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from exports.committee import Approval
from exports.publish import read_manifest
from orchestration.committee import store
from orchestration.committee.approvals import approve, is_published
from orchestration.committee.drafts import make_again, make_draft, pack_for_meeting, previous_pack
from orchestration.committee.standing import standing_lines
from orchestration.refusal import Refusal
from tests.committee.conftest import MEETING, NEXT, NOW, House


def approved(house: House, meeting: date = MEETING, **more: str) -> store.Pack:
    return approve(house.settings, house.state, meeting, "Mette Chef", NOW, **more)


def test_the_approved_pack_is_the_draft_that_was_read(house: House) -> None:
    house.comment("---\nforfatter: Inge\n---\nDet går **godt**.")
    draft = make_draft(house.settings, house.state, MEETING)
    pack = approved(house)
    assert pack.draft == draft.draft
    assert pack.files()["tal.csv"] == draft.files()["tal.csv"]
    page = pack.files()["rapport.html"].decode("utf-8")
    assert "UDKAST" not in page
    assert "Det går <strong>godt</strong>." in page
    assert "Godkendt 1. december 2026 af Mette Chef" in page
    assert store.faults(house.state, pack) == []


def test_it_can_be_made_again_when_the_run_is_gone(house: House) -> None:
    make_draft(house.settings, house.state, MEETING)
    pack = approved(house)
    house.publish("20261130-bbbb2222", mean=120e6)
    assert make_again(pack, Approval(1, "Mette Chef", NOW)) == pack.files()


def test_readers_see_the_approved_pack_at_once_and_as_a_whole_run(house: House) -> None:
    make_draft(house.settings, house.state, MEETING)
    before = house.state.current.resolve()
    old_manifest = (before / "manifest.json").read_bytes()
    pack = approved(house)
    assert is_published(house.state, pack)
    manifest = read_manifest(house.state.current)
    assert manifest is not None
    listed = {file.path for file in manifest.files}
    assert {f"committee/{MEETING}/{name}" for name in pack.names} | {"serving.duckdb"} == listed
    assert not [path for path in listed if "basis" in path]
    assert (before / "manifest.json").read_bytes() == old_manifest


def test_nothing_writes_over_an_approved_pack(house: House, tmp_path: Path) -> None:
    make_draft(house.settings, house.state, MEETING)
    pack = approved(house)
    before = pack.files()
    for path in pack.folder.rglob("*"):
        assert not path.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)
    house.publish("20261130-bbbb2222", mean=120e6)
    make_draft(house.settings, house.state, MEETING)
    with pytest.raises(Refusal, match=r"was approved by Mette Chef .*--reason"):
        approved(house)
    assert pack.files() == before
    # The command hands out what is approved.
    pack_for_meeting(house.settings, house.state, MEETING, tmp_path / "out", anew=False)
    handed = tmp_path / "out" / str(MEETING) / "rapport.pdf"
    assert handed.read_bytes() == before["rapport.pdf"]


def test_a_correction_is_a_new_edition_with_a_reason(house: House) -> None:
    make_draft(house.settings, house.state, MEETING)
    with pytest.raises(Refusal, match="nothing to correct"):
        approved(house, reason="en tastefejl")
    first = approved(house)
    with pytest.raises(Refusal, match="make a new draft"):
        approved(house, reason="en tastefejl")
    house.comment("Rettet.")
    make_draft(house.settings, house.state, MEETING)
    second = approved(house, reason="en bemærkning manglede")
    assert (first.edition, second.edition) == (1, 2)
    assert store.approved(house.state, MEETING) == second
    assert "2. udgave" in second.files()["rapport.html"].decode("utf-8")
    assert "en bemærkning manglede" in second.files()["rapport.html"].decode("utf-8")
    assert store.faults(house.state, first) == store.faults(house.state, second) == []


def test_what_was_changed_since_it_was_read_is_refused_unless_it_is_named(house: House) -> None:
    with pytest.raises(Refusal, match="there is no draft"):
        approved(house)
    draft = make_draft(house.settings, house.state, MEETING)
    house.publish("20261130-bbbb2222", mean=120e6)
    with pytest.raises(Refusal, match=f"were changed since draft {draft.draft}.*--read"):
        approved(house)
    with pytest.raises(Refusal, match="not 00000000"):
        approved(house, draft="00000000")
    pack = approved(house, draft=draft.draft)
    assert pack.manifest["run_id"] == "20261031-aaaa1111"
    assert pack.files()["tal.csv"] == draft.files()["tal.csv"]


def test_a_comment_that_was_changed_is_data_too(house: House) -> None:
    make_draft(house.settings, house.state, MEETING)
    house.comment("En ny bemærkning.")
    with pytest.raises(Refusal, match="comment were changed"):
        approved(house)


@pytest.mark.parametrize(
    ("by", "reason", "said"),
    [("M" * 200, "", "--by is longer"), ("Mette", "barn 010190-1234", "--reason has what looks")],
)
def test_what_stands_on_every_page_must_fit_and_name_nobody(
    house: House, by: str, reason: str, said: str
) -> None:
    with pytest.raises(Refusal, match=said):
        approve(house.settings, house.state, MEETING, by, NOW, reason=reason)


def test_a_draft_whose_files_were_touched_is_not_approved(house: House) -> None:
    draft = make_draft(house.settings, house.state, MEETING)
    (draft.folder / "rapport.html").write_text("andre tal", encoding="utf-8")
    with pytest.raises(Refusal, match="not what is made from its basis"):
        approved(house)
    assert store.approved(house.state, MEETING) is None


@pytest.mark.parametrize("text", ["Barnet 010190-1234 er", "0101**90-1234**", "010115AB12"])
def test_a_comment_that_names_a_cpr_number_is_refused(house: House, text: str) -> None:
    house.comment(f"Hej.\n\n{text}")
    with pytest.raises(Refusal, match=r"2026-12-09\.md.* CPR number.*take it out") as caught:
        make_draft(house.settings, house.state, MEETING)
    assert "1234" not in str(caught.value)
    assert store.kept_draft(house.state, MEETING) is None


def test_amounts_are_no_cpr_numbers(house: House) -> None:
    house.comment("Budgettet er 110.312.000 kr., 1.250,5 mio. og 31-12-2026.")
    assert make_draft(house.settings, house.state, MEETING)


def test_the_next_meeting_is_compared_with_the_last_approved_pack(house: House) -> None:
    make_draft(house.settings, house.state, MEETING)
    pack = approved(house)
    house.publish("20261231-cccc3333", mean=104e6)
    assert previous_pack(house.state, NEXT) == pack.folder
    draft = make_draft(house.settings, house.state, NEXT)
    assert draft.manifest["compared_with"]["meeting"] == str(MEETING)
    page = draft.files()["rapport.html"].decode("utf-8")
    assert "steget med 4,0 mio. kr. siden opgørelsen" in page


def changed(pack: store.Pack) -> None:
    (pack.folder / "tal.csv").write_text("andet", encoding="utf-8")


def removed(pack: store.Pack) -> None:
    (pack.folder / "rapport.pdf").unlink()


def added(pack: store.Pack) -> None:
    (pack.folder / "bilag.pdf").write_bytes(b"x")


def forged(pack: store.Pack) -> None:
    """Another figure, with a manifest that fits it."""
    path = pack.folder / "manifest.json"
    content = json.loads(path.read_text("utf-8"))
    content["standing"]["approved_by"] = "En anden"
    path.write_text(json.dumps(content), encoding="utf-8")


@pytest.mark.parametrize(
    ("touch", "said"),
    [
        (changed, "tal.csv was changed"),
        (removed, "rapport.pdf was removed"),
        (added, "bilag.pdf was added"),
        (forged, "manifest.json was changed"),
    ],
)
def test_what_was_touched_after_the_approval_is_told(
    house: House, touch: Callable[[store.Pack], None], said: str
) -> None:
    make_draft(house.settings, house.state, MEETING)
    pack = approved(house)
    lines, is_whole = standing_lines(house.state, None)
    assert is_whole
    assert "unchanged" in lines[0]
    for path in [pack.folder, *pack.folder.iterdir()]:
        path.chmod(0o755)
    touch(pack)
    lines, is_whole = standing_lines(house.state, MEETING)
    assert not is_whole
    assert said in lines[0]
