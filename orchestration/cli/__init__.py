"""The command line `raaderum`.

What belongs here: arguments, printing and exit codes. What does not: work; every command calls a
function that can be called without it.

Exit codes: 0 done, 1 the data or a check stopped it, 2 wrong usage or configuration.
"""

from orchestration.cli.app import main

__all__ = ["main"]
