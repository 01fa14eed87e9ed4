"""When a model cannot be estimated: one exception with a reason fit for print, and the checks that raise it."""

import numpy as np

PREFIX = "not estimable: "


class NotEstimable(Exception):
    """The data cannot answer; ``str(error)`` is the reason in a few words, without names of persons."""

    @property
    def method(self) -> str:
        """The text that stands in the ``method`` column of a coefficient table."""
        return f"{PREFIX}{self}"


def require_variation(values: np.ndarray, what: str) -> None:
    """Raise ``NotEstimable`` when ``values`` is empty, constant or not finite."""
    if len(values) == 0:
        raise NotEstimable(f"no observations of {what}")
    if not np.isfinite(values).all():
        raise NotEstimable(f"{what} has values that are not finite")
    if np.ptp(values) <= 1e-12 * max(1.0, float(np.abs(values).max())):
        raise NotEstimable(f"{what} does not vary")


def require_units(count: int, minimum: int, what: str) -> None:
    """Raise ``NotEstimable`` when there are fewer than ``minimum`` units."""
    if count < minimum:
        raise NotEstimable(f"{what}: {count}, at least {minimum} needed")


def require_rank(design: np.ndarray) -> None:
    """Raise ``NotEstimable`` when the columns of ``design`` (n, k) are collinear or outnumber its rows."""
    scale = np.sqrt((design**2).sum(axis=0))
    if design.shape[0] <= design.shape[1]:
        raise NotEstimable(f"{design.shape[0]} observations for {design.shape[1]} terms")
    if (scale == 0).any() or np.linalg.matrix_rank(design / np.where(scale == 0, 1, scale), tol=1e-9) < design.shape[1]:
        raise NotEstimable("the terms are collinear")
