"""F-C1-published: the same figure from published StatBank figures only."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from introprog.displays.context import Context
from introprog.displays.f_c1 import COLUMNS, HORIZONS, draw_panels, followed_years, november
from introprog.displays.published import SOURCE, national_shares, sources_text, with_sources
from introprog.displays.shares import in_order


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a panel, horizon and sex: the published share, its n and Wilson interval, and the source."""
    rows = national_shares(inputs["published"], settings)
    rows = rows[rows["horizon"].isin(HORIZONS) & (rows["source_key"] == "ssb_statbank_10824")]
    # a single cohort is followed: pooling rounded shares would invent a figure that nobody has published
    year = followed_years(rows, (0, 0))[0]
    moment = november(rows)
    followed = rows[rows["exit_year"] == year].assign(panel="same_leavers")
    across = rows[rows["exit_year"] + rows["horizon"] == moment].assign(panel="one_november", status_year=moment)
    both = pd.concat([followed, across], ignore_index=True)
    both = both.assign(first_exit_year=both["exit_year"], last_exit_year=both["exit_year"])
    both["status_year"] = both["status_year"].astype("Int64")
    both = with_sources(both, inputs["published_sources"])
    return in_order(both, ["panel", "horizon", "sex"])[[*COLUMNS, "n", "share", "ci_low", "ci_high", *SOURCE]]


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """Two panels of lines by sex, from published shares in whole per cent."""
    pick = context.labels.pick
    both = numbers[numbers["sex"] == "both"]
    span = context.labels.span(both["n"].min(), both["n"].max())
    n = {
        "nb": f"{span} tidligere deltakere bak hvert punkt",
        "en": f"{span} former participants behind each point",
    }
    definition = {
        "nb": "sysselsatt (minst én time) eller under utdanning i november, bosatt i Norge",
        "en": "employed (at least one hour) or in education in November, resident in Norway",
    }
    note = {
        "nb": f"Publisert i hele prosent. Loddrette streker: {context.confidence} (Wilson).",
        "en": f"Published in whole per cent. Vertical lines: {context.confidence} (Wilson).",
    }
    origin = sources_text(numbers, context)
    return draw_panels(numbers, context, context.footer(numbers, pick(n), pick(definition), [pick(note)], origin))
