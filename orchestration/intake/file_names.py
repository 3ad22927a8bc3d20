"""Names of delivered files: patterns, and files inside another one, such as `export.zip!Sag.csv`.

What belongs here: making such a name, taking it apart, and whether it fits a profile's patterns.
What does not: unpacking (sources).
"""

from collections.abc import Iterable
from fnmatch import fnmatch

_SIGN = "!"
"""A sign that every file system allows in a name, as in the addresses of Java archives."""


def packed_name(archive: str, member: str) -> str:
    """The name of a member of an archive, `b/x.csv` in `a.zip` as `a.zip!b!x.csv`."""
    return _SIGN.join([archive, *member.replace("\\", "/").split("/")])


def lies_in(name: str, archive: str) -> bool:
    """Whether a file is a member of that archive."""
    return name.startswith(archive + _SIGN)


def bare_name(name: str) -> str:
    """The file's own name: of a packed file the member's, by which a profile knows it."""
    return name.rpartition(_SIGN)[2]


def fits(name: str, patterns: Iterable[str]) -> bool:
    """Whether a file's own name is as one of the patterns says; case does not count."""
    own = bare_name(name).casefold()
    return any(fnmatch(own, pattern.casefold()) for pattern in patterns)
