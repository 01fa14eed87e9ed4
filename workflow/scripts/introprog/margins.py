"""Average marginal effects of a logit: differences in probability, averaged over the persons there are."""

import numpy as np
import pandas as pd

from introprog.design import Design


def average_marginal_effects(design: Design, beta: np.ndarray, covariance: np.ndarray) -> pd.DataFrame:
    """``term, ame, ame_std_error`` (shares, 0-1) for every estimable term.

    Numbers: mean derivative. Indicators: mean difference between everybody at that level and everybody at the
    reference, the other indicators of the factor set to nil. Standard errors by the delta method from ``covariance``
    (of constant and terms).
    """
    x = design.matrix
    line = x @ beta
    p = 1 / (1 + np.exp(-line))
    rows = []
    for position, term in enumerate(design.columns, start=1):
        if term.kind == "number":
            density = p * (1 - p)
            ame = float(density.mean() * beta[position])
            gradient = beta[position] * ((density * (1 - 2 * p)) @ x) / len(p)
            gradient[position] += density.mean()
        else:
            ame, gradient = _difference(design, beta, line, position)
        rows.append((term.name, ame, float(np.sqrt(gradient @ covariance @ gradient))))
    return pd.DataFrame(rows, columns=["term", "ame", "ame_std_error"])


def _difference(design: Design, beta: np.ndarray, line: np.ndarray, position: int) -> tuple[float, np.ndarray]:
    """Mean difference in probability between one level and the reference, and its gradient in the coefficients."""
    variable = design.columns[position - 1].variable
    own = [j for j, t in enumerate(design.columns, start=1) if t.variable == variable]
    x = design.matrix
    base = line - x[:, own] @ beta[own]
    low, high = (1 / (1 + np.exp(-(base + shift))) for shift in (0.0, beta[position]))
    slope = high * (1 - high) - low * (1 - low)
    gradient = slope @ x / len(line)
    gradient[own] = 0.0
    gradient[position] = np.mean(high * (1 - high))
    return float(np.mean(high - low)), gradient
