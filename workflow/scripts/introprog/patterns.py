"""Logit for many persons with few covariate patterns: fitted on the patterns, with the persons' cluster-robust errors.

Persons with the same covariates contribute to the likelihood as one binomial count, so the estimate is that of the
single rows. The score of a cluster is the sum over its patterns of (successes - persons x probability) x covariates,
which a sparse table of clusters by patterns gives exactly; splitting the patterns by cluster would bring nothing.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

STEPS = 50
TOLERANCE = 1e-10


@dataclass(frozen=True)
class PatternFit:
    """``estimate`` (k,), its cluster-robust ``covariance`` (k, k), number of ``patterns``, and whether the likelihood
    has a maximum at all (``converged``)."""

    estimate: np.ndarray
    covariance: np.ndarray
    patterns: int
    converged: bool


def pattern_codes(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Codes (n,) of the distinct rows of ``matrix`` (n, k), and the row number of each code's first appearance.

    Columns of 0 and 1 are packed into bits, others numbered by their values.
    """
    binary = ((matrix == 0) | (matrix == 1)).all(axis=0)
    bits = np.packbits(matrix[:, binary] != 0, axis=1)
    words = np.zeros((len(matrix), -(-bits.shape[1] // 8) * 8), dtype=np.uint8)
    words[:, : bits.shape[1]] = bits
    codes = np.zeros(len(matrix), dtype=np.int64)
    count = min(len(matrix), 1)
    for part in [*words.view(np.uint64).T, *matrix[:, ~binary].T]:
        number, values = pd.factorize(part)
        codes, found = pd.factorize(codes * len(values) + number)
        count = len(found)
    return codes, _first(codes, count)


def _first(codes: np.ndarray, count: int) -> np.ndarray:
    first = np.empty(count, dtype=np.int64)
    # written backwards, so that the first appearance stays
    first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    return first


def fit_pattern_logit(matrix: np.ndarray, success: np.ndarray, clusters: np.ndarray) -> PatternFit:
    """Logit of ``success`` (0/1, n) on ``matrix`` (n, k; with its constant), robust to ``clusters`` (codes from 0).

    The covariance is the usual sandwich times G/(G-1) x (n-1)/(n-k), as statsmodels gives it with
    ``cov_type="cluster"``. Not converged where the covariates foretell the outcome; all is null then.
    """
    codes, first = pattern_codes(matrix)
    rows = np.ascontiguousarray(matrix[first])
    size = np.bincount(codes, minlength=len(rows)).astype(float)
    reached = np.bincount(codes, success, len(rows))
    beta, converged = _newton(rows, size, reached)
    if not converged:
        width = matrix.shape[1]
        return PatternFit(np.full(width, np.nan), np.full((width, width), np.nan), len(rows), False)
    p = 1 / (1 + np.exp(-(rows @ beta)))
    bread = np.linalg.inv((rows * (size * p * (1 - p))[:, None]).T @ rows)
    scores = _cluster_scores(rows, codes, success - p[codes], clusters) @ bread
    count, (n, k) = int(clusters.max()) + 1, matrix.shape
    covariance = count / max(count - 1, 1) * (n - 1) / (n - k) * (scores.T @ scores)
    return PatternFit(beta, covariance, len(rows), bool(np.isfinite(covariance).all()))


def _newton(rows: np.ndarray, size: np.ndarray, reached: np.ndarray) -> tuple[np.ndarray, bool]:
    beta = np.zeros(rows.shape[1])
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-np.clip(rows @ beta, -700, 700)))
        information = (rows * (size * p * (1 - p))[:, None]).T @ rows
        try:
            step = np.linalg.solve(information, rows.T @ (reached - size * p))
        except np.linalg.LinAlgError:
            return beta, False
        beta = beta + step
        if np.abs(step).max() < TOLERANCE * (1 + np.abs(beta).max()):
            return beta, True
        if np.abs(beta).max() > 1e6:
            return beta, False
    return beta, False


def _cluster_scores(rows: np.ndarray, codes: np.ndarray, residual: np.ndarray, clusters: np.ndarray) -> np.ndarray:
    """Sums over persons of residual x covariates by cluster (G, k)."""
    from scipy.sparse import csr_matrix

    shape = (int(clusters.max()) + 1, len(rows))
    return np.asarray(csr_matrix((residual, (clusters, codes)), shape=shape) @ rows)
