"""Counts rounded to a base, the alternative to hiding: every count to the nearest multiple, shares from rounded counts.

Each count is rounded by itself, a half upwards, so that the same count is the same everywhere and no seed is needed.
Totals are rounded like their parts, not summed from them: they may differ from the sum of the parts by half a base for
each. With a base of at least the threshold a printed 0 or base says no more than fewer than that.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from introprog.intervals import wilson


def rounded(counts: pd.Series, base: int) -> pd.Series:
    """Nearest multiples of ``base`` (nullable integers), a half upwards; missing stays missing."""
    values = counts.astype("Float64")
    return (np.floor(values / base + 0.5) * base).astype("Int64")


def round_display(numbers: pd.DataFrame, rule: Mapping, base: int, confidence: float = 0.95) -> pd.DataFrame:
    """A display's numbers with its counts rounded and its shares and intervals (Wilson) computed anew.

    ``rule`` (``round`` in ``release.yaml``): ``counts``, columns; ``shares``, column to ``of`` and ``in`` (count
    columns), ``low`` and ``high`` where it has an interval, and ``total`` where the count that the share is in stands
    in another row (``where`` of that row, and the columns ``by`` which it is found). Shares in nil are missing.
    """
    result = numbers.copy()
    own = _own(numbers)
    for column in rule["counts"]:
        result[column] = rounded(numbers[column], base).where(own, numbers[column])
    for column, share in rule.get("shares", {}).items():
        total = _total(result, share["total"], share["in"]) if "total" in share else result[share["in"]]
        part, total = result[share["of"]].astype("Float64"), total.astype("Float64")
        total = total.mask(total == 0)
        part = part.mask(part > total, total)
        again = own & numbers[column].notna()
        result[column] = (part / total).where(again, numbers[column])
        if "low" in share:
            for name, limit in zip((share["low"], share["high"]), wilson(part, total, confidence), strict=True):
                result[name] = pd.Series(limit, index=numbers.index).where(again, numbers[name])
    return result


def _own(numbers: pd.DataFrame) -> pd.Series:
    """Rows of the run itself: published figures set beside them are the publisher's."""
    if "kind" not in numbers:
        return pd.Series(True, index=numbers.index)
    return numbers["kind"] != "published"


def _total(numbers: pd.DataFrame, total: Mapping, column: str) -> pd.Series:
    rows = numbers
    for name, value in total["where"].items():
        rows = rows[rows[name] == value]
    return (
        numbers[list(total["by"])]
        .merge(rows[[*total["by"], column]], on=list(total["by"]), how="left")[column]
        .set_axis(numbers.index)
    )


def unrounded(outputs: Mapping[str, pd.DataFrame], registry: Mapping, base: int) -> dict[str, int]:
    """Outputs that should be rounded and have counts that are no multiples of ``base``: how many."""
    found = {}
    for output, table in outputs.items():
        rule = registry["outputs"].get(output, {}).get("round")
        if rule is not None:
            rows = table[_own(table)]
            counts = [pd.to_numeric(rows[column], errors="coerce").dropna() for column in rule["counts"]]
            odd = sum(int((column % base != 0).sum()) for column in counts)
            if odd:
                found[output] = odd
    return found


def round_panel(panel: pd.DataFrame, definitions: Sequence[str], base: int) -> pd.DataFrame:
    """The panel (docs/contracts.md, 5) of the named definitions with ``n`` and ``successes`` rounded, nothing hidden
    that was not so before. Successes are never more than the rounded n."""
    from introprog.release.panel import KEY

    rows = panel[panel["definition"].isin(definitions)].copy()
    rows["n"] = rounded(rows["n"], base)
    rows["successes"] = rounded(rows["successes"], base).clip(upper=rows["n"])
    rows["suppressed"] = rows["suppressed"].fillna(True).astype(bool)
    return rows[[*KEY, "n", "successes", "suppressed"]].sort_values(KEY, ignore_index=True)
