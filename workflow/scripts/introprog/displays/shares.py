"""Shares in work or education from the panel of region, cohort, horizon and status, with intervals and suppression."""

from collections.abc import Mapping, Sequence

import pandas as pd

from introprog.disclosure import SEX_TREE, Tree, blank, protect_shares
from introprog.region_counts import pooled, successes, with_intervals

__all__ = ["SEXES", "in_order", "pooled", "shown", "successes", "with_intervals"]
SEXES = ("both", "men", "women")


def shown(
    frame: pd.DataFrame, keys: Sequence[str], settings: Mapping, trees: Mapping[str, Tree] | None = None
) -> pd.DataFrame:
    """Shares with intervals after disclosure control; ``trees`` default to both sexes = men + women."""
    frame = frame.reset_index(drop=True)
    trees = {"sex": SEX_TREE} if trees is None else trees
    hidden = protect_shares(frame, keys, trees, settings["disclosure"]["threshold"])
    full = with_intervals(frame, settings["study"]["confidence"])
    return blank(full, hidden, ["n", "successes", "share", "ci_low", "ci_high"])


def in_order(frame: pd.DataFrame, by: Sequence[str], column: str = "sex", order: Sequence[str] = SEXES) -> pd.DataFrame:
    """Sorted by ``by`` with ``column`` in its conventional order (both sexes, males, females)."""
    position = {code: i for i, code in enumerate(order)}
    return frame.sort_values(
        list(by), key=lambda s: s.map(position) if s.name == column else s, kind="stable", ignore_index=True
    )
