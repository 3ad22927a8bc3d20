"""Names for the arrays that the simulator passes around."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.integer[Any]]
Bools = NDArray[np.bool_]
Texts = NDArray[np.object_]
Column = NDArray[Any]
