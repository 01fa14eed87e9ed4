"""Where a likelihood is highest, to the last digit that its slopes tell.

A search by values ends half-way there: values near a maximum differ by less than they are rounded by, so what is left
to chance is another on another processor.
"""

from collections.abc import Callable

import numpy as np


def placed(
    slopes: Callable[[np.ndarray], np.ndarray], near: np.ndarray, within: float, tolerance: float = 1e-12
) -> np.ndarray:
    """Where the ``slopes`` (k,) are nil, from the end ``near`` (k,) of a search by values; ``near`` itself where no
    such place lies ``within`` that distance of it in each parameter.
    """
    from scipy.optimize import root

    found = root(slopes, near, tol=tolerance)
    return found.x if np.abs(found.x - near).max() < within else near
