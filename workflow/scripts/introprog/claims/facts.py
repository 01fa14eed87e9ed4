"""Small tables that decision rules read: national shares of the run, shares of survey answers, published figures."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

POOLED = "compared"
COUNTS = ("n", "successes")


def national_shares(region_status: pd.DataFrame, exit_years: tuple[int, int]) -> pd.DataFrame:
    """Country rows as shares: ``definition, horizon, sex, cohorts, measured, n, successes, share``.

    ``cohorts`` is a year of leaving, with the year of measurement in ``measured`` (Novembers), or ``compared``: those
    of ``exit_years`` pooled. ``successes`` counts status ``1``, or ``success`` where a definition decides by more.
    """
    country = region_status[region_status["region_level"].eq("country") & ~region_status["suppressed"]]
    keys = ["definition", "horizon", "sex", "exit_year"]
    wide = country[country["status"].isin(["00", "1", "success"])].pivot_table(
        index=keys, columns="status", values="n", aggfunc="max", observed=True
    )
    wide = wide.reindex(columns=["00", "1", "success"]).astype(float)
    rows = pd.DataFrame({"n": wide["00"], "successes": wide["success"].fillna(wide["1"])}).dropna().reset_index()
    pooled = rows[rows["exit_year"].between(*exit_years)].groupby(keys[:3], as_index=False)[list(COUNTS)].sum()
    single = rows.assign(cohorts=rows["exit_year"].astype(str), measured=rows["exit_year"] + rows["horizon"])
    both = pd.concat([pooled.assign(cohorts=POOLED), single.drop(columns="exit_year")], ignore_index=True)
    return both.assign(share=both["successes"] / both["n"])


def answer_shares(scales: pd.DataFrame, measurement: pd.DataFrame, instruments: Mapping[str, Mapping]) -> pd.DataFrame:
    """Lead items as shares: ``wave, construct, part, n, n_effective, successes, share``.

    ``part`` is ``positive`` (above the middle of the item's steps) or ``best`` (its best step). ``n_effective`` divides
    by the design effect of ``measurement`` (answers of one municipality resemble each other). ``instruments`` are the
    survey codebooks.
    """
    effects = measurement.set_index(["wave", "construct"])["design_effect"]
    rows = []
    for book in instruments.values():
        for construct in book["constructs"]:
            steps = max(i["scale"][1] for i in book["items"].values() if i["construct"] == construct)
            level = f"{construct}_level"
            own = scales[scales["wave"].isin(book["waves"]) & scales.get(level, scales["wave"]).notna()]
            for wave, answers in own.groupby("wave", observed=True) if level in scales else ():
                for part, positive in (("positive", (steps + 1) / 2), ("best", steps - 0.5)):
                    rows.append((str(wave), construct, part, len(answers), int((answers[level] > positive).sum())))
    table = pd.DataFrame(rows, columns=["wave", "construct", "part", "n", "successes"])
    effect = [effects.get((wave, construct), 1.0) for wave, construct in zip(table["wave"], table["construct"])]
    effective = table["n"] / np.fmax(np.nan_to_num(np.asarray(effect, dtype=float), nan=1.0), 1.0)
    return table.assign(n_effective=effective, share=table["successes"] / table["n"])


def reliable_shares(signal: pd.DataFrame) -> pd.DataFrame:
    """Shares of municipalities whose figure has a reliability of 0.7 or more: ``definition, horizon, n, share, of``."""
    rows = signal[["definition", "horizon", "municipalities", "share_over_07"]].dropna()
    return rows.set_axis(["definition", "horizon", "n", "share"], axis=1).assign(of="municipalities")


def published_shares(published: pd.DataFrame) -> pd.DataFrame:
    """Published figures by ``id``: ``value`` as printed, ``share`` (0-1) and ``n``; half the last printed digit is
    ``rounding``.

    ``published`` is what ``introprog.published.read_published`` returns. A count becomes a share where its base is
    printed beside it.
    """
    n = published["n"].astype(float)
    percent = published["unit"].isin(["percent", "percentage points"])
    decimals = published["value"].map(lambda value: 0 if float(value).is_integer() else 1)
    share = np.where(percent, published["value"] / 100, published["value"] / n)
    rounding = np.where(percent, 0.005 / 10**decimals, 0.0)
    return published[["id", "value"]].assign(n=n, share=share, rounding=rounding)
