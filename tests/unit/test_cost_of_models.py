"""What the models cost: bounds that are several times what was measured, and that the plain ways exceed many times."""

import subprocess
import sys
import time
from pathlib import Path

import introprog
import numpy as np
from introprog.clustered import fit_clustered, wild_bootstrap
from introprog.ordinal import fit_ordered_logit


def cost(function) -> float:
    """CPU seconds of the cheapest of three calls."""
    seconds = []
    for _ in range(3):
        began = time.process_time()
        function()
        seconds.append(time.process_time() - began)
    return min(seconds)


def test_an_ordered_logit_of_ten_thousand_answers():
    """Measured 0.07 s; the parent class takes about 6."""
    rng = np.random.default_rng(1)
    design = rng.normal(size=(10_000, 8))
    level = np.digitize(design @ rng.normal(0, 0.5, 8) + rng.logistic(size=10_000), [-1.5, 0, 1, 2])
    names, town = [f"x{k}" for k in range(8)], rng.integers(0, 350, 10_000)
    assert cost(lambda: fit_ordered_logit(level, design, names, None, town)) < 0.7


def test_ten_thousand_replicates_of_the_cluster_bootstrap():
    """Measured 0.2 s, interval and all, from sums by cluster; refitting takes nearly half a second a replicate."""
    rng = np.random.default_rng(2)
    design = np.column_stack([np.ones(10_000), rng.normal(size=(10_000, 41))])
    fit = fit_clustered(rng.normal(size=10_000), design, rng.integers(0, 150, 10_000))
    found = []
    assert cost(lambda: found.append(wild_bootstrap(fit, 1, 3, 9_999))) < 10
    assert found[0].replicates == 9_999 and found[0] == found[1]


def test_a_design_of_half_a_million_rows_without_formulas():
    """Measured 0.2 s; patsy takes many times that, and is not even loaded."""
    program = (
        "import sys, time, numpy as np, pandas as pd\n"
        "from introprog.design import design_of\n"
        "rng = np.random.default_rng(4)\n"
        "names = [f'g{k}' for k in range(6)]\n"
        "frame = pd.DataFrame({'schooling': rng.choice(names, 500_000), 'months': rng.random(500_000)})\n"
        "began = time.process_time()\n"
        "design = design_of(frame, ['schooling', 'months'])\n"
        "print(time.process_time() - began, design.matrix.shape[1], 'patsy' in sys.modules)\n"
    )
    folder = Path(introprog.__file__).parents[1]
    told = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=True)
    seconds, columns, patsy = told.stdout.split()
    assert float(seconds) < 5 and columns == "7" and patsy == "False"
