"""The words and number formats of everything that people read.

Belongs here: `Language`, which looks labels up in the catalogues beside it (`*.yml`, every entry
with `da` and `en`) and formats numbers, dates and odds by Babel's locale data.
Does not belong here: layout, and any sentence written inside code. A new text is a new catalogue
entry; a new scale (which odds are called what) is data under `scales/`.
"""

from exports.language.catalogue import LANGUAGES, CatalogueError, load_catalogue
from exports.language.language import Language

__all__ = ["LANGUAGES", "CatalogueError", "Language", "load_catalogue"]
