"""What putting the content on a server came to.

Belongs here: the account that is told afterwards. Not here: how anything is applied.
"""

from dataclasses import dataclass, field


@dataclass
class Applied:
    """What was made, changed and found as it should be: one line each."""

    made: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    same: int = 0
