"""The committee pack: what the politicians get before the meeting.

Belongs here: `make_pack` and what it needs: content (`content`, `story`, `tables`, `charts`), the
economist's `comment`, draft or approved (`standing`), how a cell is written (`model`), layout
(`pdf`, `page`, `workbook`, `files`). Not here: when a pack is made, who approves it, where it is
kept and delivered (`orchestration`).
"""

from exports.committee.comment import Comment, CommentError, read_comment
from exports.committee.pack import draft_of, make_pack, pack_files
from exports.committee.standing import Approval, files_hash

__all__ = [
    "Approval",
    "Comment",
    "CommentError",
    "draft_of",
    "files_hash",
    "make_pack",
    "pack_files",
    "read_comment",
]
