"""Drafts of a meeting's pack: made from a run, kept with all that they were made from.

Belongs here: what goes into a draft, keeping it, making a pack again from its basis. Not here: the
pack itself (exports.committee), where it is kept (store), approving it (approvals).
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd

from exports.committee import Approval, Comment, draft_of, make_pack, pack_files
from exports.publish import Manifest, read_manifest
from orchestration.committee import store
from orchestration.committee.comments import comment_in, comment_path, comment_source
from orchestration.intake.column_text import literal
from orchestration.refusal import Refusal
from orchestration.settings import Settings
from orchestration.state import State
from orchestration.steps.intake import Run

COMMENT = "comment.md"
_TABLES, _BEFORE = "tables", "before"


def make_draft(settings: Settings, state: State, meeting: date) -> store.Pack:
    """Make the draft of a meeting from the published run and keep it as the one under reading.

    Raises Refusal where nothing is published, or the comment cannot go into a pack.
    """
    published = _published(state)
    source = comment_source(settings, state, meeting)
    comment = comment_in(source, str(comment_path(settings, state, meeting)))
    previous = previous_pack(state, meeting)
    provenance = {
        "run_id": published.run_id,
        "as_of": published.as_of,
        "code_version": published.code_version,
        "data_version": published.data_version,
        "loads": ", ".join(published.load_ids),
    }

    def write(folder: Path) -> None:
        basis = folder / store.BASIS
        _copy_tables(state.current / "serving.duckdb", basis / _TABLES)
        (basis / COMMENT).write_bytes(source)
        if previous:
            (basis / _BEFORE).mkdir()
            body = (previous / store.MANIFEST).read_bytes()
            (basis / _BEFORE / store.MANIFEST).write_bytes(body)
        language = settings.municipality.language
        before = _before(basis)
        make_pack(_tables(basis), meeting, language, folder, before, provenance, comment)

    return store.keep_draft(state, meeting, write)


def make_again(pack: store.Pack, approval: Approval | None) -> dict[str, bytes]:
    """A kept pack's files, made once more from its basis: as a draft, or as an approved pack."""
    basis, manifest = pack.folder / store.BASIS, pack.manifest
    comment = comment_in((basis / COMMENT).read_bytes(), COMMENT)
    return pack_files(
        _tables(basis),
        pack.meeting,
        manifest["language"],
        _before(basis),
        manifest["provenance"],
        comment,
        approval,
    )


def draft_now(settings: Settings, state: State, meeting: date) -> str:
    """What a draft made now would be called: another name than the kept one's tells that the run,
    the comment or the pack it is compared with is another one."""
    source = comment_source(settings, state, meeting)
    comment = comment_in(source, str(comment_path(settings, state, meeting)))
    before = previous_pack(state, meeting)
    run_id, language = _published(state).run_id, settings.municipality.language
    return draft_of(run_id, meeting, language, comment, before)


def pack_for_meeting(
    settings: Settings, state: State, meeting: date, out: Path, anew: bool
) -> list[Path]:
    """Put the pack of a meeting into `out/<meeting>/`: the approved one, else a draft made now.

    `anew` makes a draft all the same, to correct what is approved.
    """
    pack = None if anew else store.approved(state, meeting)
    pack = pack or make_draft(settings, state, meeting)
    return store.copy_pack(pack, out / meeting.isoformat())


def write_night_pack(
    frames: Mapping[str, pd.DataFrame],
    meeting: date,
    settings: Settings,
    state: State,
    run: Run,
    out: Path,
) -> list[str]:
    """Put the pack of a meeting into a run that is being published: the approved one, else a draft
    of this run. What a person should know of; a comment that cannot be used holds up no night."""
    pack = store.approved(state, meeting)
    if pack:
        store.copy_pack(pack, out)
        return []
    comment: Comment | None = None
    warnings = []
    try:
        source = comment_source(settings, state, meeting)
        comment = comment_in(source, str(comment_path(settings, state, meeting)))
    except Refusal as error:
        warnings.append(f"{error}; tonight's draft is without it")
    provenance = {
        "run_id": run.run_id,
        "as_of": run.as_of.isoformat(),
        "code_version": run.code_version,
        "data_version": run.data_version,
        "loads": ", ".join(run.load_ids),
    }
    previous = previous_pack(state, meeting)
    language = settings.municipality.language
    make_pack(frames, meeting, language, out, previous, provenance, comment)
    return warnings


def previous_pack(state: State, meeting: date) -> Path | None:
    """What a pack is compared with: the approved pack of the last meeting before that has one, else
    the newest published pack of an earlier meeting."""
    pack = store.approved_before(state, meeting)
    if pack:
        return pack.folder
    folders = (state.current / "committee").glob("????-??-??")
    earlier = [folder for folder in folders if folder.name < meeting.isoformat()]
    return max(earlier, key=lambda folder: folder.name, default=None)


def _published(state: State) -> Manifest:
    manifest = read_manifest(state.current)
    if manifest is None:
        raise Refusal("nothing is published yet; run `raaderum run` first")
    return manifest


def _copy_tables(serving: Path, folder: Path) -> None:
    """Copy the published, already suppressed tables, one Parquet file each."""
    folder.mkdir(parents=True)
    with duckdb.connect(str(serving), read_only=True) as connection:
        names = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'reporting' order by 1"
        ).fetchall()
        for (name,) in names:
            target = literal((folder / f"{name}.parquet").as_posix())
            connection.execute(f'copy reporting."{name}" to {target} (format parquet)')


def _tables(basis: Path) -> dict[str, pd.DataFrame]:
    with duckdb.connect() as connection:
        return {
            path.stem: connection.execute("from read_parquet(?)", [str(path)]).fetchdf()
            for path in sorted((basis / _TABLES).glob("*.parquet"))
        }


def _before(basis: Path) -> Path | None:
    folder = basis / _BEFORE
    return folder if folder.is_dir() else None
