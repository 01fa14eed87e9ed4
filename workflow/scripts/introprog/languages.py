"""Whether a survey's scales measure the same in every language: the steps of invariance for every wave and scale."""

from collections.abc import Mapping

import pandas as pd

from introprog import scales
from introprog.estimable import NotEstimable, require_units, require_variation
from introprog.invariance import (
    CFI_DROP,
    LEAST_CFI,
    MOST_RMSEA,
    RMSEA_RISE,
    STEPS,
    Fit,
    fit_independence,
    fit_step,
    group_of,
    robust_indices,
    scaled_difference,
)

FEWEST_ITEMS = 3
METHOD = "one factor, maximum likelihood, Satorra-Bentler scaled"
NUMBERS = ["chisq", "dof", "scaling", "cfi", "rmsea", "cfi_change", "rmsea_change"]
NUMBERS += ["chisq_difference", "dof_difference", "p_value"]
COUNTS = ["items", "n", "languages", "languages_left_out", "answers_left_out"]
COLUMNS = ["wave", "construct", "step", *COUNTS, *NUMBERS, "holds", "method"]


def invariance_table(answers: pd.DataFrame, books: Mapping[str, Mapping], minimum: int) -> pd.DataFrame:
    """One row a wave, scale and step (``COLUMNS``), for constructs, dimensions and the index of all items.

    ``answers`` has wave, language and ``item_<name>`` (as in ``scales.parquet``); ``books`` gives each wave's codebook.
    A language enters with ``minimum`` complete answers to the scale; others are left out. Answers are taken as
    independent. Not estimable: no numbers, and the reason in ``method``.

    ``holds``: the first step with CFI at least 0.90 and RMSEA at most 0.10, the lenient convention (empty where it
    leaves no degrees of freedom); the others when CFI falls by at most 0.010 and RMSEA rises by at most 0.015 (Chen
    2007, doi 10.1080/10705510701301834), from a step without degrees of freedom by CFI alone. ``not reached`` stands
    after a step that does not hold.
    """
    rows = []
    for wave, part in answers.groupby("wave", sort=True):
        for name, items in scales_of(books[wave]).items():
            values = part[[f"item_{item}" for item in items]]
            rows += [{"wave": wave, "construct": name} | row for row in _steps(values, part["language"], minimum)]
    return pd.DataFrame(rows, columns=COLUMNS).astype(dict.fromkeys(["dof", "dof_difference"], "Int64"))


def scales_of(book: Mapping) -> dict[str, list[str]]:
    """Items of each construct and dimension of a codebook, and of the index, which has all items of the dimensions."""
    dimensions = scales.members(book, "dimension")
    return scales.members(book, "construct") | dimensions | {"index": [i for own in dimensions.values() for i in own]}


def _steps(values: pd.DataFrame, language: pd.Series, minimum: int) -> list[dict]:
    complete = values.notna().all(axis=1) & language.notna()
    sizes = language[complete].value_counts().sort_index()
    used = sizes.index[sizes >= minimum]
    kept = complete & language.isin(used)
    counts = {"items": values.shape[1], "n": int(kept.sum()), "languages": len(used)}
    counts |= {"languages_left_out": len(sizes) - len(used), "answers_left_out": int(complete.sum() - kept.sum())}
    try:
        require_units(values.shape[1], FEWEST_ITEMS, "items")
        require_units(len(used), 2, f"languages with {minimum} complete answers")
        own = [values[kept & (language == name)].to_numpy(float) for name in used]
        for part in own:
            for item in part.T:
                require_variation(item, "an item in one of the languages")
        groups = [group_of(part / 100) for part in own]
        fits = {"independence": fit_independence(groups)} | {step: fit_step(groups, step) for step in STEPS}
    except NotEstimable as reason:
        return [{"step": step, "holds": "", "method": reason.method} | counts for step in STEPS]
    return [row | counts | {"method": METHOD} for row in _compared(fits, counts["n"], len(groups))]


def _compared(fits: Mapping[str, Fit], n: int, groups: int) -> list[dict]:
    rows, before = [], None
    for step in STEPS:
        fit = fits[step]
        cfi, rmsea = robust_indices(fit, fits["independence"], n, groups)
        row = {"step": step, "chisq": fit.chisq, "dof": fit.df, "scaling": fit.scaling, "cfi": cfi, "rmsea": rmsea}
        row["holds"] = "" if not fit.df else "yes" if cfi >= LEAST_CFI and rmsea <= MOST_RMSEA else "no"
        if before is not None:
            row |= {"cfi_change": cfi - before["cfi"], "rmsea_change": rmsea - before["rmsea"]}
            told = scaled_difference(fits[before["step"]], fit)
            row |= dict(zip(("chisq_difference", "dof_difference", "p_value"), told, strict=True))
            rise = 0.0 if before["dof"] == 0 else row["rmsea_change"]
            close = "yes" if row["cfi_change"] >= -CFI_DROP and rise <= RMSEA_RISE else "no"
            row["holds"] = close if before["holds"] in ("", "yes") else "not reached"
        rows.append(row)
        before = row
    return rows
