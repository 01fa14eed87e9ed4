"""The model blocks of the config, fitted: each is a form, who is weighted, which sides are adjusted, and for which
definitions.

A block (``association: models``) has ``form`` (``linear``, ``ordered``, ``random_intercept``, ``ordered_intercept``
of persons; ``least_squares``, ``meta``, ``binomial`` of municipalities), ``weighted``, ``adjust`` (``none``;
``survey``: for who answered; ``both``: for who left the programme as well) and ``definitions`` (``all`` or
``official``).
"""

from collections.abc import Mapping

import pandas as pd

from introprog.association import (
    COLUMNS,
    RESULT,
    SCORE,
    Answers,
    Ask,
    municipality_model,
    person_linear,
    person_ordered,
    person_random_intercept,
    sided,
)
from introprog.estimable import NotEstimable
from introprog.forms import PERSON


def fit_blocks(blocks: Mapping[str, Mapping], answers: Answers, towns: pd.DataFrame, ask: Ask) -> pd.DataFrame:
    """Rows of every block for one wave, score, definition and horizon: model, term and the columns of the contract.

    ``towns``: linked rows of ``municipal_link``; ``answers``: those given in them.
    """
    rows = []
    for name, block in blocks.items():
        form, adjust = block["form"], block["adjust"]
        if form not in PERSON:
            rows += municipality_model(name, form, sided(towns, adjust), ask)
            continue
        column = "y_adjusted" if adjust == "both" else "y_rate"
        result = towns.set_index("municipality")[column].astype(float) * 10
        if form.endswith("intercept"):
            ordered = form == "ordered_intercept"
            rows += person_random_intercept(name, answers, result, adjust != "none", ask, ordered)
        else:
            fit = person_linear if form == "linear" else person_ordered
            rows += fit(name, answers, result, adjust != "none", block["weighted"], ask)
    return pd.DataFrame(rows, columns=["model", "term", *COLUMNS])


def unavailable(blocks: Mapping[str, Mapping], reason: str) -> pd.DataFrame:
    """One not-estimable row a block, where there is nothing to fit any of them to."""
    rows = [
        {"model": name, "term": SCORE if block["form"] == "binomial" else RESULT, "n": 0, "clusters": 0,
         "method": NotEstimable(reason).method}
        for name, block in blocks.items()
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["model", "term", *COLUMNS])


def blocks_for(blocks: Mapping[str, Mapping], official: bool) -> dict[str, Mapping]:
    """The blocks that are fitted for the official definition, or for the others."""
    return {name: block for name, block in blocks.items() if official or block["definitions"] == "all"}
