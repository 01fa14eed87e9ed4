"""Statuses at dates (residence on 1 January, say) as spells that do not overlap."""

import numpy as np
import pandas as pd


def join_statuses(frame: pd.DataFrame) -> pd.DataFrame:
    """Spells from rows that state something at ``first_date``.

    A status lasts until the day before the next date that the extract has; whoever is not there at that date, has left.
    Statuses of the last date are open. Consecutive ones of a person with the same content are one spell, whose index is
    that of its first row. Rows without a person or date stay as they are.
    """
    dates = pd.Series(sorted(frame["first_date"].dropna().unique()))
    if dates.empty:
        return frame
    after = dict(zip(dates, dates.shift(-1)))
    content = [c for c in frame.columns if c not in ("first_date", "last_date", "file_year")]
    rows = frame.sort_values(["person_id", "first_date"], kind="stable")
    until = rows["first_date"].map(after).astype("datetime64[s]")
    previous = rows.shift(1)
    same = pd.Series(True, index=rows.index)
    for name in content:
        same &= rows[name].eq(previous[name]).fillna(False) | (rows[name].isna() & previous[name].isna())
    same &= until.shift(1).eq(rows["first_date"])
    same.iloc[0] = False
    starts = np.flatnonzero(~same)
    ends = np.append(starts[1:], len(rows)) - 1
    last = (until - pd.Timedelta(days=1)).iloc[ends].astype("datetime64[s]")
    return rows.iloc[starts].assign(last_date=last.to_numpy())
