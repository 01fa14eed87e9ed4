"""Programme municipality or present municipality: who has moved on, and what the result is on either basis.

Statistics Norway counts former participants by the municipality of the programme and, apart from that, by where they
live when they are looked at (StatBank 10824). The same residents are counted on both bases here, so a difference
between the two is made by moves alone.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from introprog.intervals import wilson

COLUMNS = ["region_level", "region", "horizon", "term", "estimate", "ci_low", "ci_high", "n", "suppressed"]
COUNTS = ("programme", "present", "out", "in", "x_programme", "x_present", "x_stayed", "x_out", "x_in")
BASES = ("programme", "present", "rate_programme", "rate_present", "difference")
COUNTRY = "0"


def residents_on_both_bases(outcomes: pd.DataFrame, official: str, present: str) -> pd.DataFrame:
    """One row a person and horizon, residents only: ``horizon, programme, present, success`` (municipalities, bool).

    ``outcomes``: rows (contract section 4) of two definitions that differ in geography only.
    """
    keys = ["person_id", "horizon"]
    rows = outcomes[(outcomes["reason"] == "resident") & outcomes["success"].notna()]
    own = rows.loc[rows["definition"] == official, [*keys, "municipality", "success"]]
    other = rows.loc[rows["definition"] == present, [*keys, "municipality"]].rename(columns={"municipality": "present"})
    both = own.rename(columns={"municipality": "programme"}).merge(other, on=keys, validate="one_to_one")
    both["programme"], both["present"] = both["programme"].astype("object"), both["present"].astype("object")
    both = both.dropna(subset=["programme", "present"]).astype({"success": bool})
    return both.sort_values(keys, ignore_index=True)[["horizon", "programme", "present", "success"]]


def centrality_of(municipalities: pd.DataFrame) -> pd.Series:
    """Centrality class (text) of each municipality in the latest year it is listed."""
    latest = municipalities.dropna(subset="centrality").sort_values(["municipality", "year"])
    latest = latest.drop_duplicates("municipality", keep="last").set_index("municipality")["centrality"]
    return latest.astype("int64").astype("str")


def flows(both: pd.DataFrame, programme: pd.Series, present: pd.Series, away: pd.Series) -> pd.DataFrame:
    """Counts by region and horizon (``COUNTS``): residents on either basis, moved out, moved in, and the successes.

    ``programme`` and ``present``: region of each row of ``both`` on either basis; ``away``: whether the row has left
    its programme region.
    """
    frame = both[["horizon", "success"]].assign(programme=programme, present=present, away=away.astype(bool))
    frame["x_away"] = frame["success"] & frame["away"]
    names = {
        "size": ("success", "size"),
        "x": ("success", "sum"),
        "moved": ("away", "sum"),
        "x_moved": ("x_away", "sum"),
    }
    left = frame.groupby(["programme", "horizon"], observed=True).agg(**names).rename_axis(["region", "horizon"])
    right = frame.groupby(["present", "horizon"], observed=True).agg(**names).rename_axis(["region", "horizon"])
    left, right = left.align(right, join="outer", fill_value=0)
    columns = [left["size"], right["size"], left["moved"], right["moved"], left["x"], right["x"],
               left["x"] - left["x_moved"], left["x_moved"], right["x_moved"]]  # fmt: skip
    return pd.concat(columns, axis=1, keys=COUNTS).astype("int64").reset_index()


def moves_table(
    outcomes: pd.DataFrame,
    municipalities: pd.DataFrame,
    official: str,
    present: str,
    comparison: Mapping,
    target: float,
    confidence: float = 0.95,
    threshold: int = 5,
) -> pd.DataFrame:
    """Moves and results on both bases, long: ``COLUMNS``, for the country, centrality classes and all municipalities.

    Terms for ``country`` and ``centrality`` regions: ``programme``, ``present``, ``out``, ``in`` (persons),
    ``share_out`` (of those who took the programme there), ``share_in`` (of those who live there), ``rate_programme``,
    ``rate_present``, ``rate_stayed``, ``rate_out``, ``rate_in`` (0-1, Wilson) and ``difference`` (present less
    programme). In the country everybody who has left his programme municipality is ``out``; in a class, who has left
    the class. ``municipality`` rows sum up municipalities with ``comparison['minimum_leavers']`` on both bases: their
    number, median and 90th percentile of the absolute difference, and the number on another side of ``target``. A
    region's flows are hidden together when one of their shares has fewer than ``threshold`` persons with or without it,
    since what came in less what went out follows from the persons on the two bases.
    """
    both = residents_on_both_bases(outcomes, official, present)
    central = centrality_of(municipalities)
    moved = both["programme"] != both["present"]
    country = pd.Series(COUNTRY, index=both.index)
    classes = both["programme"].map(central).fillna("unknown"), both["present"].map(central).fillna("unknown")
    parts = [
        _rates(flows(both, country, country, moved), "country", confidence, threshold),
        _rates(flows(both, *classes, classes[0] != classes[1]), "centrality", confidence, threshold),
        _summary(flows(both, both["programme"], both["present"], moved), comparison["minimum_leavers"], target),
    ]
    return pd.concat(parts, ignore_index=True)[COLUMNS]


def _rates(counts: pd.DataFrame, level: str, confidence: float, threshold: int) -> pd.DataFrame:
    c = {name: counts[name].to_numpy() for name in COUNTS}
    stayed = c["programme"] - c["out"]
    shares = {
        "share_out": (c["out"], c["programme"]),
        "share_in": (c["in"], c["present"]),
        "rate_programme": (c["x_programme"], c["programme"]),
        "rate_present": (c["x_present"], c["present"]),
        "rate_stayed": (c["x_stayed"], stayed),
        "rate_out": (c["x_out"], c["out"]),
        "rate_in": (c["x_in"], c["in"]),
    }
    hidden = {name: np.zeros(len(counts), dtype=bool) for name in ("bases", "flows")}
    for name, (x, n) in shares.items():
        hidden["bases" if name in BASES else "flows"] |= _few(x, threshold) | _few(n - x, threshold)
    hidden["bases"] = _not_alone(hidden["bases"], counts)
    hidden["flows"] |= hidden["bases"]
    keys = counts[["region", "horizon"]].assign(region_level=level, suppressed=False)
    parts = [keys.assign(term=name, estimate=c[name], n=c[name]) for name in COUNTS[:4]]
    for name, (x, n) in shares.items():
        low, high = wilson(x, n, confidence)
        share = np.divide(x, n, out=np.full(len(n), np.nan), where=n > 0)
        parts.append(keys.assign(term=name, estimate=share, ci_low=low, ci_high=high, n=n))
    rate = {part["term"].iloc[0]: part["estimate"] for part in parts if len(part)}
    if rate:
        parts.append(
            keys.assign(term="difference", estimate=rate["rate_present"] - rate["rate_programme"], n=c["present"])
        )
    for part in parts:
        if len(part):
            part["suppressed"] = hidden["bases" if part["term"].iloc[0] in BASES else "flows"]
    table = pd.concat(parts, ignore_index=True).astype({"n": "Int64"})
    for name in ("estimate", "ci_low", "ci_high", "n"):
        table[name] = table[name].mask(table["suppressed"])
    order = {part["term"].iloc[0]: i for i, part in enumerate(parts) if len(part)}
    return table.sort_values(["region", "horizon", "term"], key=lambda s: s.map(order) if s.name == "term" else s,
                             kind="stable", ignore_index=True)  # fmt: skip


def _not_alone(hidden: np.ndarray, counts: pd.DataFrame) -> np.ndarray:
    """With one region of a horizon hidden, the smallest other one too, or the first would be what the country leaves
    over."""
    result = hidden.copy()
    for rows in counts.groupby("horizon").indices.values():
        if hidden[rows].sum() == 1 and len(rows) > 1:
            rest = rows[~hidden[rows]]
            result[rest[np.argmin(counts["programme"].to_numpy()[rest])]] = True
    return result


def _few(count: np.ndarray, threshold: int) -> np.ndarray:
    return (count > 0) & (count < threshold)


def _summary(counts: pd.DataFrame, minimum: int, target: float) -> pd.DataFrame:
    enough = counts[(counts["programme"] >= minimum) & (counts["present"] >= minimum)]
    rows: list[tuple] = []
    for horizon, part in enough.groupby("horizon"):
        programme, present = part["x_programme"] / part["programme"], part["x_present"] / part["present"]
        gap = (present - programme).abs()
        values: Sequence[tuple[str, float]] = [
            ("municipalities", len(part)),
            ("median_difference", gap.median()),
            ("p90_difference", gap.quantile(0.9)),
            ("other_side_of_target", int(((programme >= target) != (present >= target)).sum())),
        ]
        rows += [("municipality", "all", horizon, t, v, np.nan, np.nan, len(part), False) for t, v in values]
    return pd.DataFrame(rows, columns=COLUMNS).astype({"n": "Int64"})
