"""The economist's comment of a meeting: where it lies, and what it must not name.

Belongs here: finding, reading and refusing `<meeting>.md`. Not here: its form (exports.committee).
"""

from datetime import date
from pathlib import Path

from exports.committee import Comment, CommentError, read_comment
from orchestration.intake.cpr import hide
from orchestration.refusal import Refusal
from orchestration.settings import Settings
from orchestration.state import State


def comment_path(settings: Settings, state: State, meeting: date) -> Path:
    """Where the comment of a meeting is written."""
    named = settings.committee.comments
    folder = settings.folder / Path(named).expanduser() if named else state.comments
    return folder / f"{meeting}.md"


def comment_source(settings: Settings, state: State, meeting: date) -> bytes:
    """The comment's file as it is; nothing where there is none."""
    path = comment_path(settings, state, meeting)
    return path.read_bytes() if path.is_file() else b""


def comment_in(source: bytes, name: str) -> Comment | None:
    """The comment in a file's bytes; `name` is what an error calls it.

    Raises Refusal where it cannot be read, or names a CPR number: in the file, or in what is left
    of it when Markdown has been taken away.
    """
    try:
        comment = read_comment(source)
    except CommentError as error:
        raise Refusal(f"the committee comment {name} {error}") from error
    if comment is None:
        return None
    for number, line in enumerate(source.decode("utf-8-sig").splitlines(), start=1):
        if hide(line) != line:
            raise Refusal(_named(f"{name}, line {number},"))
    if hide(comment.plain) != comment.plain:
        raise Refusal(_named(name))
    return comment


def _named(where: str) -> str:
    return (
        f"the committee comment {where} has what looks like a CPR number; a pack may name nobody,"
        " so take it out (an amount is written with separators: 110.312.000)"
    )
