"""The cockpit: one self-contained, offline HTML page for the municipality's economists.

Belongs here: `write_cockpit` and what it is made of. Not here: charts (`exports.charts`), words
(`exports.language`), disclosure control, reading of the warehouse.
"""

from exports.cockpit.assets import unpacked
from exports.cockpit.page import Edition, write_cockpit

__all__ = ["Edition", "unpacked", "write_cockpit"]
