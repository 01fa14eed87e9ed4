"""An outcome net of who is there: covariates taken out with coefficients from differences within places.

Coefficients from within places cannot take up what the places themselves do, so a place is not made better or worse
for having participants that a good place attracts (the within estimator; Wooldridge 2010, Econometric Analysis of
Cross Section and Panel Data, section 10.5).
"""

import numpy as np


def net_of_composition(outcome: np.ndarray, covariates: np.ndarray, place: np.ndarray) -> np.ndarray:
    """``outcome`` (n,) at the mean of the ``covariates`` (n, k); ``place`` (n,) are group numbers 0..G-1.

    Covariates that do not vary within places take nothing out. The mean of the outcome is kept.
    """
    if covariates.shape[1] == 0:
        return outcome.astype(float)
    values = np.column_stack([outcome, covariates]).astype(float)
    size = np.maximum(np.bincount(place), 1)
    means = np.stack([np.bincount(place, column) / size for column in values.T], axis=1)
    within = values - means[place]
    slopes = np.linalg.lstsq(within[:, 1:], within[:, 0], rcond=None)[0]
    return outcome - (covariates - covariates.mean(axis=0)) @ slopes
