"""F-F1: satisfaction and result, a point a municipality, for the primary contrast of the config at every horizon.

The line is least squares over all linked municipalities with its pointwise band; municipalities with too few answers or
too small counts enter the line and the correlation, but are not shown as points.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from scipy.special import ndtri, stdtrit

from introprog.disclosure import blank, protect_shares
from introprog.displays.context import Context
from introprog.displays.waves import not_estimable
from introprog.house_style import BLUE, RED, page, percent_axis
from introprog.intervals import wilson

KEYS = ["wave", "construct", "definition", "horizon"]
TOLD = ["r", "ci95_low", "ci95_high", "verdict"]
COLUMNS = ["kind", *KEYS, "municipality", "s_mean", "s_low", "s_high", "s_n", "y_rate", "y_low", "y_high", "y_n", "x",
           "fit", "fit_low", "fit_high", "first_exit_year", "last_exit_year", "municipalities", *TOLD,
           "suppressed"]  # fmt: skip
BAND = 25
FEWEST = 4


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """Rows of kind ``municipality`` (means and shares), ``line`` (fit and band) and ``correlation`` (r, verdict)."""
    primary, level = settings["association"]["primary"], settings["study"]["confidence"]
    link = inputs["municipal_link"]
    link = link[
        (link["wave"] == primary["wave"]) & (link["construct"] == primary["construct"]) & (link["status"] == "linked")
    ]
    link = link[link["definition"] == primary["definition"]]
    parts = []
    for horizon, rows in link.groupby("horizon", sort=True):
        if len(rows) >= FEWEST:
            parts += [_points(rows, settings, level), _line(rows, level).assign(horizon=horizon)]
    verdict = inputs["verdict"]
    for key in KEYS[:3]:
        verdict = verdict[verdict[key] == primary[key]]
    spans = verdict.drop_duplicates("horizon").set_index("horizon")[["first_exit_year", "last_exit_year"]]
    parts = [part.join(spans, on="horizon") for part in parts]
    parts.append(
        verdict[["horizon", "first_exit_year", "last_exit_year", "municipalities", *TOLD]].assign(kind="correlation")
    )
    table = pd.concat(parts, ignore_index=True).assign(**{k: primary[k] for k in KEYS[:3]}).reindex(columns=COLUMNS)
    table["suppressed"] = table["suppressed"].astype("boolean").fillna(False).astype(bool)
    return table.sort_values(["horizon", "kind", "municipality", "x"], kind="stable", ignore_index=True)


def _points(rows: pd.DataFrame, settings: Mapping, level: float) -> pd.DataFrame:
    rows = rows[rows["shown"].astype(bool)].reset_index(drop=True)
    counts = pd.DataFrame({"municipality": rows["municipality"], "n": rows["y_n"], "successes": rows["y_successes"]})
    hidden = protect_shares(counts, ["municipality"], {}, settings["disclosure"]["threshold"])
    # A mean at an end of the scale tells what every one of them answered.
    hidden |= rows["s_mean"].le(0) | rows["s_mean"].ge(100)
    half = float(ndtri(0.5 + level / 2)) * rows["s_se"]
    rows = rows.assign(s_low=rows["s_mean"] - half, s_high=rows["s_mean"] + half, kind="municipality")
    rows["y_low"], rows["y_high"] = wilson(rows["y_successes"], rows["y_n"], level)
    values = ["s_mean", "s_low", "s_high", "s_n", "y_rate", "y_low", "y_high", "y_n"]
    return blank(rows, hidden, values)[["kind", "horizon", "municipality", *values, "suppressed"]]


def _line(rows: pd.DataFrame, level: float) -> pd.DataFrame:
    """Least squares of the result on the score with a pointwise band, over the range of the scores shown."""
    x, y = rows["s_mean"].to_numpy(float), rows["y_rate"].to_numpy(float)
    centre, spread = x.mean(), ((x - x.mean()) ** 2).sum()
    if spread == 0:
        return pd.DataFrame()
    slope = ((x - centre) * (y - y.mean())).sum() / spread
    residual = y - y.mean() - slope * (x - centre)
    error = np.sqrt((residual**2).sum() / (len(x) - 2))
    at = np.linspace(*np.quantile(x, [0.02, 0.98]), BAND)
    fit = y.mean() + slope * (at - centre)
    half = float(stdtrit(len(x) - 2, 0.5 + level / 2)) * error * np.sqrt(1 / len(x) + (at - centre) ** 2 / spread)
    return pd.DataFrame({"kind": "line", "x": at, "fit": fit, "fit_low": fit - half, "fit_high": fit + half})


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """Panels by horizon, three in a row, under the name of the survey wave."""
    fitted = numbers.loc[numbers["kind"] == "line", "horizon"]
    horizons = sorted(fitted.unique())
    across = min(3, max(1, len(horizons)))
    down = -(-len(horizons) // across) or 1
    width, height = 15.3 / across, 7.0
    sheet = page(context, down * height + 0.8, _footer(numbers, horizons, context))
    wave = str(numbers["wave"].iloc[0])
    sheet.write(0, down * height + 0.35, context.labels.term(f"wave.{wave}", default=wave), fontsize=9, weight="bold")
    for i, horizon in enumerate(horizons):
        place = (1.0 + (i % across) * width, 1.1 + (down - 1 - i // across) * height, width - 0.9, height - 2.6)
        _panel(sheet.axes(*place), numbers[numbers["horizon"] == horizon], context, i % across == 0)
    if not horizons:
        words = {"nb": "Ikke nok kommuner til å vise noe.", "en": "Too few municipalities to show anything."}
        sheet.write(0.5, height / 2, context.labels.pick(words), fontsize=9)
    return sheet.figure


def _footer(numbers: pd.DataFrame, horizons: Sequence[int], context: Context) -> list[str]:
    pick, labels = context.labels.pick, context.labels
    towns = numbers[numbers["kind"] == "municipality"]
    counts = "; ".join(
        f"{labels.term(f'horizon.{h}')} {int((~part['suppressed']).sum())}/{int(_told(numbers, h)['municipalities'])}"
        for h, part in towns.groupby("horizon")
    )
    shown = towns[~towns["suppressed"]]
    first = shown[shown["horizon"] == min(horizons)] if len(horizons) else shown
    answers, leavers = labels.number(first["s_n"].sum()), labels.number(first["y_n"].sum())
    n = {
        "nb": f"kommuner vist/i beregningen {counts}; {answers} svar og {leavers} tidligere deltakere i kommunene vist "
        "i første rute",
        "en": f"municipalities shown/in the estimate {counts}; {answers} answers and {leavers} former participants in "
        "the municipalities of the first panel",
    }
    least = context.settings["surveys"]["minimum_answers"]
    notes = {
        "nb": f"Ett punkt per kommune med minst {least} svar, areal etter antall tidligere deltakere; tynne streker: "
        f"{context.confidence}. Linje med bånd: minste kvadrater over alle kommuner med svar og resultat. r: "
        "korrelasjon med 95 % intervall. Sammenhenger, ikke virkninger.",
        "en": f"A point a municipality with at least {least} answers, area by the number of former participants; thin "
        f"lines: {context.confidence}. Line with band: least squares over all municipalities with answers and "
        "results. r: correlation with 95% interval. Associations only.",
    }
    return context.footer(numbers, pick(n), context.definition(numbers["definition"].iloc[0]), [pick(notes)])


def _told(numbers: pd.DataFrame, horizon: int) -> pd.Series:
    return numbers[(numbers["kind"] == "correlation") & (numbers["horizon"] == horizon)].iloc[0]


def _panel(axes: Axes, rows: pd.DataFrame, context: Context, first: bool) -> None:
    labels = context.labels
    towns = rows[(rows["kind"] == "municipality") & ~rows["suppressed"]].astype({"s_mean": float, "y_rate": float})
    line = rows[rows["kind"] == "line"]
    percent_axis(axes, context, label=first)
    if not first:
        axes.set_yticklabels([])
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    x, y = towns["s_mean"].to_numpy(), 100 * towns["y_rate"].to_numpy()
    axes.errorbar(
        x,
        y,
        xerr=_around(towns, "s_mean", "s_low", "s_high", 1),
        yerr=_around(towns, "y_rate", "y_low", "y_high", 100),
        fmt="none",
        ecolor="#b4b4b4",
        elinewidth=0.35,
        alpha=0.6,
        zorder=1,
    )
    area = 60 * towns["y_n"].astype(float) / max(float(towns["y_n"].max()), 1) if len(towns) else []
    axes.scatter(x, y, s=area, color=BLUE, alpha=0.65, linewidth=0.4, edgecolor="white", zorder=3)
    axes.fill_between(
        line["x"].astype(float),
        100 * line["fit_low"].astype(float),
        100 * line["fit_high"].astype(float),
        color=RED,
        alpha=0.15,
        linewidth=0,
    )
    axes.plot(line["x"].astype(float), 100 * line["fit"].astype(float), color=RED, linewidth=1.4)
    low, high = line["x"].min(), line["x"].max()
    room = 0.12 * (high - low)
    left, right = (min(low, x.min()), max(high, x.max())) if len(x) else (low, high)
    axes.set_xlim(left - room, min(right + room, 100.5))
    told = rows[rows["kind"] == "correlation"].iloc[0]
    axes.set_title(_heading(told, context), fontsize=7.8, pad=20, linespacing=1.3)
    construct = labels.term(f"construct.{rows['construct'].iloc[0]}", default=str(rows["construct"].iloc[0]))
    axes.set_xlabel(labels.pick({"nb": f"{construct}, snitt (0–100)", "en": f"{construct}, mean (0–100)"}), fontsize=8)


def _heading(told: pd.Series, context: Context) -> str:
    """Horizon and cohorts, verdict, correlation: a line each."""
    labels = context.labels
    moment = labels.term(f"horizon.{int(told['horizon'])}")
    if not pd.isna(told["first_exit_year"]):
        years = labels.years(int(told["first_exit_year"]), int(told["last_exit_year"]))
        moment += labels.pick({"nb": f", sluttet {years}", "en": f", left {years}"})
    verdict = labels.term(f"verdict.{told['verdict']}", default="") or not_estimable(told["verdict"], context)
    if pd.isna(told["r"]):
        return f"{moment}\n{verdict}\n"
    r = f"r = {labels.number(told['r'], 2)} {labels.interval(told['ci95_low'], told['ci95_high'], 2)}"
    return f"{moment}\n{verdict}\n{r}"


def _around(rows: pd.DataFrame, middle: str, low: str, high: str, scale: float) -> list[np.ndarray]:
    below, above = rows[middle] - rows[low].astype(float), rows[high].astype(float) - rows[middle]
    return [scale * below.clip(lower=0).to_numpy(), scale * above.clip(lower=0).to_numpy()]
