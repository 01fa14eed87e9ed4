"""F-F3: one estimate a horizon: the correlation of score and result raw, adjusted on one side and on both, and freed of
error.

*Adjusted* takes the composition of the respondents out of the municipality's mean score, and in the second step that of
the leavers out of its result. On leaving, the result is the direct exit of the same leavers.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from introprog.disattenuation import disattenuated, pearson
from introprog.displays import forest
from introprog.displays.context import Context
from introprog.displays.waves import by_wave, construct_name, not_estimable_lines, wave_name, wave_order
from introprog.estimable import PREFIX, NotEstimable
from introprog.house_style import BLUE, GREEN, INK, ORANGE, page
from introprog.link import LINKED
from introprog.verdict import FORETOLD, NOT_OBSERVED

KINDS = ("raw", "adjusted", "adjusted_both", "disattenuated")
MARKS = {
    "raw": {"color": INK, "marker": "o"},
    "adjusted": {"color": "#B87A00", "marker": "s", "face": ORANGE, "size": 4.2},
    "adjusted_both": {"color": "#00664B", "marker": "^", "face": GREEN, "size": 4.6},
    "disattenuated": {"color": BLUE, "marker": "D", "face": "white", "size": 4.2},
}
WORDS = {
    "raw": {"nb": "observert", "en": "observed"},
    "adjusted": {"nb": "justert for hvem som svarte", "en": "adjusted for who answered"},
    "adjusted_both": {"nb": "også for hvem som sluttet", "en": "for who left as well"},
    "disattenuated": {"nb": "uten målefeil", "en": "free of measurement error"},
}
RAW = "Pearson, jackknife over municipalities on Fisher's z"
FREE = "bivariate random effects, REML, profile likelihood"


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a wave, horizon (0 = on leaving) and kind (``raw``, ``adjusted``, ``adjusted_both``, ``disattenuated``):
    ``r``, limits, ``municipalities``, ``method``; for the construct and definition of the primary contrast."""
    asked = settings["association"]
    primary, level, exits = asked["primary"], 1 - asked["alpha"], exit_definition(settings)
    link, verdict = (t[t["construct"] == primary["construct"]] for t in (inputs["municipal_link"], inputs["verdict"]))
    link = link[link["definition"] == np.where(link["horizon"] == 0, exits or "", primary["definition"])]
    judged = verdict[verdict["definition"] == primary["definition"]].set_index(["wave", "horizon"])
    rows = []
    for wave in wave_order(settings):
        for horizon in (0, *asked["horizons"]):
            towns = link[(link["wave"] == wave) & (link["horizon"] == horizon) & (link["status"] == LINKED)]
            free = judged.loc[(wave, horizon)] if (wave, horizon) in judged.index else None
            rows += [{"wave": wave, "horizon": horizon, **row} for row in correlations(towns, level, free)]
    table = pd.DataFrame(rows).assign(construct=primary["construct"], smallest_effect=asked["smallest_effect"])
    table["definition"] = np.where(table["horizon"] == 0, exits or "", primary["definition"])
    names = ["wave", "construct", "definition", "horizon", "kind", "r", "ci_low", "ci_high", "municipalities",
             "smallest_effect", "method"]  # fmt: skip
    return by_wave(table, settings, ["horizon", "kind"], {"kind": KINDS})[names]


def exit_definition(settings: Mapping) -> str | None:
    """The first definition of the config that is taken on leaving, if any."""
    return next((name for name, entry in settings["definitions"].items() if entry["moment"] == "exit"), None)


def correlations(towns: pd.DataFrame, level: float, judged: pd.Series | None = None) -> list[dict]:
    """The estimates for one wave and horizon, each with its reason where it cannot be estimated.

    ``towns``: linked rows of ``municipal_link``; ``judged``: the row of ``verdict.csv``, which already holds the
    correlation freed of error; without it, that is estimated here.
    """

    def measured(score: str, result: str) -> dict:
        rate = towns[result].to_numpy(float)
        if np.isnan(rate).any():
            raise NotEstimable(FORETOLD)
        found = pearson(towns[score].to_numpy(float), rate, level)
        return {"r": found.r, "ci_low": found.ci95[0], "ci_high": found.ci95[1], "method": RAW}

    ways = {
        "raw": lambda: measured("s_mean", "y_rate"),
        "adjusted": lambda: measured("s_adjusted", "y_rate"),
        "adjusted_both": lambda: measured("s_adjusted", "y_adjusted"),
        "disattenuated": lambda: _free(towns, level) if judged is None else _read(judged),
    }
    rows = []
    for kind, way in ways.items():
        row = {"kind": kind, "municipalities": len(towns), "r": np.nan, "ci_low": np.nan, "ci_high": np.nan}
        try:
            if towns.empty:
                raise NotEstimable(NOT_OBSERVED if judged is None else str(judged["verdict"]).removeprefix(PREFIX))
            rows.append(row | way())
        except NotEstimable as fault:
            rows.append(row | {"method": fault.method})
    return rows


def _free(towns: pd.DataFrame, level: float) -> dict:
    if not towns["s_se"].notna().all():
        raise NotEstimable("no municipality has two answers")
    share = towns["y_successes"].sum() / towns["y_n"].sum()
    noise = share * (1 - share) / towns["y_n"].to_numpy(float)
    found = disattenuated(towns["s_mean"], towns["s_se"].to_numpy(float) ** 2, towns["y_rate"], noise, level)
    return {"r": found.rho, "ci_low": found.ci95[0], "ci_high": found.ci95[1], "method": FREE}


def _read(judged: pd.Series) -> dict:
    if pd.isna(judged["r_disattenuated"]):
        raise NotEstimable(str(judged["verdict_disattenuated"]).removeprefix(PREFIX))
    low, high = judged["r_disattenuated_low"], judged["r_disattenuated_high"]
    return {"r": judged["r_disattenuated"], "ci_low": low, "ci_high": high, "method": FREE}


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """A panel a wave, horizons from above, four marks each."""
    pick = context.labels.pick
    waves, horizons = list(dict.fromkeys(numbers["wave"])), sorted(numbers["horizon"].unique())
    height = 1.25 * len(horizons)
    sheet = page(context, height + 2.3, _footer(numbers, context))
    width = 13.6 / len(waves)
    for i, wave in enumerate(waves):
        axes = sheet.axes(2.3 + i * width, 0.7, width - 0.85, height)
        _panel(axes, numbers[numbers["wave"] == wave], horizons, context, i == 0)
    entries = [(MARKS[k], pick(WORDS[k])) for k in KINDS]
    band = {"nb": "for liten til å telle", "en": "too small to matter"}
    forest.key(sheet, [*entries, ({"color": forest.BAND, "patch": True}, pick(band))], height + 2.0, size=6.4)
    return sheet.figure


def _footer(numbers: pd.DataFrame, context: Context) -> list[str]:
    pick, labels = context.labels.pick, context.labels
    smallest = labels.number(numbers["smallest_effect"].iloc[0], 2)
    level = labels.percent_sign(1 - context.settings["association"]["alpha"])
    notes = {
        "nb": f"Korrelasjon mellom kommunens gjennomsnittsskår og resultat med {level} intervall. Fiolett bånd: mindre "
        f"enn den minste interessante korrelasjonen ({smallest}), fastsatt på forhånd. Til høyre: antall kommuner. "
        "«Ved "
        "avslutning»: direkte overgang, et annet mål enn de øvrige. Sammenhenger, ikke virkninger.",
        "en": f"Correlation between the municipality's mean score and its result, with {level} interval. Violet band: "
        f"smaller than the smallest correlation of interest ({smallest}), declared in advance. Right: number of "
        "municipalities. “On leaving”: the direct exit, a measure other than the rest. Associations only.",
    }
    definition = context.definition(numbers.loc[numbers["horizon"] > 0, "definition"].iloc[0])
    most = numbers.groupby("wave", sort=False)["municipalities"].max()
    n = ", ".join(f"{labels.number(v)} ({wave_name(w, context)})" for w, v in most.items())
    counted = {"nb": f"kommuner, på det meste {n}", "en": f"municipalities, at most {n}"}
    lines = [pick(notes), *not_estimable_lines(numbers, "r", context)]
    return context.footer(numbers, pick(counted), definition, lines)


def _panel(axes: Axes, rows: pd.DataFrame, horizons: list[int], context: Context, first: bool) -> None:
    forest.rows_axis(axes, len(horizons))
    forest.number_axis(axes, context, (-1, -0.5, 0, 0.5, 1), 1, 7.5)
    forest.smallest_band(axes, rows["smallest_effect"].iloc[0])
    head = f"{wave_name(rows['wave'].iloc[0], context)}\n{construct_name(rows['construct'].iloc[0], context).lower()}"
    axes.set_title(head, fontsize=8, pad=7, linespacing=1.3)
    for i, horizon in enumerate(horizons):
        part = rows[rows["horizon"] == horizon].set_index("kind")
        if first:
            forest.stub(axes, i, context.labels.term(f"horizon.{horizon}", default=str(horizon)), fontsize=8)
        if i:
            axes.axhline(i - 0.5, color="#ececec", linewidth=0.6, zorder=0)
        if part["r"].isna().all():
            forest.blank_row(axes, i, 0, context)
            continue
        forest.beside(axes, i, context.labels.number(part["municipalities"].iloc[0]))
        for kind, shift in zip(KINDS, (-0.3, -0.1, 0.1, 0.3), strict=True):
            row = part.loc[kind]
            if not pd.isna(row["r"]):
                forest.estimate(axes, i + shift, row["ci_low"], row["r"], row["ci_high"], MARKS[kind])
