"""Everything but a kill of the night: a full disk, a source cut off, the database gone, …

What belongs here: one function a fault, which disturbs a night and returns its row. What does not:
what must hold afterwards (trial).
"""

from collections.abc import Callable

from tests.faults.stage import Stage
from tests.faults.trial import Row

FAULTS: dict[str, Callable[[Stage], Row]] = {}
