"""Sums and means of amounts: when one or two contributors could be read out of them.

Three rules (Hundepool et al. 2012, Statistical Disclosure Control, ch. 4.2): too few contributors; dominance, the
``largest`` contributors hold more than ``share`` of the sum; and p per cent, where the second largest could tell the
largest to within ``p`` of its amount by taking his own from the sum. No display shows an amount of money at present:
income enters as whether somebody supports himself. A display that shows sums or means of amounts calls this first.
"""

from collections.abc import Sequence

import pandas as pd

COLUMNS = ["contributors", "total", "few", "dominated", "close", "sensitive"]


def sensitive_sums(
    amounts: pd.DataFrame,
    by: Sequence[str],
    amount: str,
    threshold: int,
    largest: int = 1,
    share: float = 0.75,
    p: float = 0.15,
) -> pd.DataFrame:
    """One row a group of ``by`` (the index): ``COLUMNS``; ``sensitive`` is any of the three rules.

    ``amounts``: one row a contributor, amounts >= 0; nil is no contribution. A mean is as sensitive as its sum.
    Raises ``ValueError`` for negative or missing amounts, for which the rules say nothing.
    """
    values = amounts[amount]
    if values.isna().any() or (values < 0).any():
        raise ValueError(f"{amount}: the rules are for amounts that are known and not negative")
    given = amounts[values > 0].sort_values(amount, ascending=False, kind="stable")
    keys = [given[name] for name in by]
    place = given.groupby(keys, sort=False).cumcount()
    groups = amounts.groupby(list(by), sort=True)[amount]
    total = groups.sum()

    def held(rows: pd.DataFrame) -> pd.Series:
        return rows.groupby(list(by))[amount].sum().reindex(total.index, fill_value=0)

    first, two, top = held(given[place < 1]), held(given[place < 2]), held(given[place < largest])
    contributors = given.groupby(list(by)).size().reindex(total.index, fill_value=0)
    there = contributors > 0
    result = pd.DataFrame(
        {
            "contributors": contributors,
            "total": total,
            "few": there & (contributors < threshold),
            "dominated": there & (top > share * total),
            "close": there & (total - two < p * first),
        }
    )
    return result.assign(sensitive=result[["few", "dominated", "close"]].any(axis=1))[COLUMNS]


def enough_for_quantile(n: pd.Series, share: float, persons: int) -> pd.Series:
    """Whether ``persons`` or more stand on the thin side of the quantile at ``share`` (0.5 = the median)."""
    return n.astype("float64") * min(share, 1 - share) >= persons - 1e-9
