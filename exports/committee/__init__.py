"""The committee pack: what the politicians get before the meeting.

Belongs here: `make_pack` and what it needs: content (`content`, `story`, `tables`, `charts`), how
a cell is written (`model`), layout (`pdf`, `page`, `workbook`, `files`). Not here: when a pack is
made and where it is delivered (`orchestration`).
"""

from exports.committee.pack import make_pack, pack_files

__all__ = ["make_pack", "pack_files"]
