"""F-E7: satisfaction by group, each survey by itself, with intervals that allow for the municipalities.

Weighted means of the construct of the config; standard errors are clustered on the municipality (CR2, Satterthwaite).
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from introprog.clustered import cr2, fit_clustered
from introprog.disclosure import blank, protect
from introprog.displays import forest
from introprog.displays.context import Context
from introprog.displays.waves import by_wave, construct_name, wave_name, wave_order
from introprog.estimable import NotEstimable
from introprog.house_style import BLUE, INK, page

VARIABLES = {
    "sex": {"nb": "Kjønn", "en": "Sex"},
    "age_group": {"nb": "Alder", "en": "Age"},
    "country_group": {"nb": "Landbakgrunn", "en": "Country background"},
    "schooling": {"nb": "Utdanning", "en": "Schooling"},
    "residence": {"nb": "År i Norge", "en": "Years in Norway"},
    "language": {"nb": "Svarspråk", "en": "Language of the answer"},
    "assisted": {"nb": "Hjelp til å svare", "en": "Help in answering"},
}
LANGUAGES = {
    "ti": {"nb": "Tigrinja", "en": "Tigrinya"},
    "ar": {"nb": "Arabisk", "en": "Arabic"},
    "no": {"nb": "Norsk", "en": "Norwegian"},
    "en": {"nb": "Engelsk", "en": "English"},
    "fa": {"nb": "Farsi/dari", "en": "Farsi/Dari"},
    "so": {"nb": "Somali", "en": "Somali"},
    "sw": {"nb": "Swahili", "en": "Swahili"},
    "my": {"nb": "Burmesisk", "en": "Burmese"},
    "other": {"nb": "Andre språk", "en": "Other languages"},
}
LEVELS = {
    "sex": ("men", "women"),
    "age_group": ("18-25", "26-35", "36-45", "46-55", "56+"),
    "country_group": ("africa_horn", "africa_other", "syria", "asia_other", "europe_other", "america_oceania"),
    "schooling": ("compulsory", "upper_secondary", "higher", "unknown"),
    "residence": ("0-1", "2", "3+"),
    "language": tuple(LANGUAGES),
    "assisted": ("no", "yes"),
}
ROW = 0.36
NOBODY = "not estimable: no observations of the score"


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a wave, variable and group (``total`` = everybody): ``n``, ``mean`` (0-100), ``std_error``, limits,
    ``clusters``, ``dof``, ``explained`` (share of the variance that the variable goes together with), ``method``."""
    construct, level = settings["association"]["construct"], settings["study"]["confidence"]
    least = settings["surveys"]["minimum_answers"]
    parts = []
    for wave in wave_order(settings):
        scales = inputs["scales"]
        own = groups_of(scales[(scales["wave"] == wave) & scales[construct].notna()], least)
        parts.append(group_means(own, own[construct], "total", level).assign(wave=wave))
        parts += [group_means(own, own[construct], variable, level).assign(wave=wave) for variable in VARIABLES]
    table = pd.concat(parts, ignore_index=True).assign(construct=construct)
    totals = table[table["variable"] == "total"].drop(columns="variable")
    totals = pd.concat([totals.assign(variable=v) for v in VARIABLES])
    long = pd.concat([table[table["variable"] != "total"], totals], ignore_index=True)
    tree = {"total": [g for levels in LEVELS.values() for g in levels]}
    hidden = protect(long, "n", ["wave", "variable", "group"], {"group": tree}, settings["disclosure"]["threshold"])
    keys = ["wave", "variable", "group"]
    closed = table.merge(long.assign(closed=hidden)[[*keys, "closed"]], on=keys, how="left")["closed"].eq(True)
    values = ["n", "mean", "std_error", "ci_low", "ci_high", "clusters", "dof"]
    table = blank(table, closed, values)
    order = {"variable": ("total", *VARIABLES), "group": ("total", *tree["total"])}
    names = ["wave", "construct", "variable", "group", *values, "explained", "method", "suppressed"]
    # beside the open groups, the explained share would narrow the hidden ones down
    table["explained"] = table["explained"].mask(closed.groupby([table["wave"], table["variable"]]).transform("any"))
    return by_wave(table, settings, ["variable", "group"], order)[names]


def groups_of(people: pd.DataFrame, least: int) -> pd.DataFrame:
    """The answers with ``residence`` in bands, ``assisted`` as yes or no, rare or unlisted languages as ``other``.

    A language with fewer than ``least`` answers is rare.
    """
    years = people["residence_years"].astype("float64")
    band = np.select([years.isna(), years <= 1, years <= 2], ["", "0-1", "2"], "3+")
    counts = people["language"].value_counts()
    common = counts.index[(counts >= least) & counts.index.isin(list(LANGUAGES))]
    told = people["language"].fillna("")
    help_given = people["assisted"].astype("boolean").map({True: "yes", False: "no"}).fillna("")
    return people.assign(
        residence=band,
        language=told.where(told.isin(common) | (told == ""), "other"),
        assisted=help_given,
        total="total",
    )


def group_means(people: pd.DataFrame, score: pd.Series, variable: str, level: float) -> pd.DataFrame:
    """Weighted means of ``score`` by the groups of ``variable``, with clustered limits (CR2).

    Answers that do not state the variable are left out of it. Groups in fewer than two municipalities have no interval.
    """
    group = people[variable].astype(object).where(people[variable].notna(), "").astype(str)
    kept = (group != "").to_numpy() & people["municipality"].notna().to_numpy()
    group, people, score = group[kept], people[kept], score[kept].to_numpy(float)
    if not len(score):
        told = {"group": "total", "variable": variable, "n": 0, "clusters": 0, "method": NOBODY}
        columns = ["mean", "std_error", "ci_low", "ci_high", "dof", "explained"]
        return pd.DataFrame([told] if variable == "total" else [], columns=[*told, *columns])
    codes, names = pd.factorize(group, sort=True)
    weight = people["weight"].to_numpy(float)
    mean = np.bincount(codes, weight * score) / np.bincount(codes, weight)
    towns = people["municipality"].groupby(group.to_numpy()).nunique().reindex(names)
    overall = np.average(score, weights=weight)
    between = (np.bincount(codes, weight) * (mean - overall) ** 2).sum()
    total = (weight * (score - overall) ** 2).sum()
    table = pd.DataFrame({"group": np.asarray(names, dtype=object), "n": np.bincount(codes), "mean": mean})
    table["clusters"] = towns.to_numpy()
    empty = dict.fromkeys(["std_error", "ci_low", "ci_high", "dof"], np.nan)
    table = table.assign(variable=variable, explained=between / total if total > 0 else np.nan, **empty)
    try:
        design = (codes[:, None] == np.arange(len(names))).astype(float)
        fit = fit_clustered(score, design, people["municipality"].to_numpy(), weight)
        found = cr2(fit, level)
    except NotEstimable as fault:
        return table.assign(method=fault.method)
    table[["std_error", "ci_low", "ci_high", "dof"]] = np.column_stack(
        [found.std_error, found.ci_low, found.ci_high, found.dof]
    )
    alone = table["clusters"] < 2
    table.loc[alone, ["std_error", "ci_low", "ci_high", "dof"]] = np.nan
    return table.assign(
        method=np.where(alone, "not estimable: municipalities: 1, at least 2 needed", f"weighted mean, {found.method}")
    )


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """A panel a wave, groups from above under their variable."""
    pick, labels = context.labels.pick, context.labels
    waves = list(dict.fromkeys(numbers["wave"]))
    lines = _lines(numbers)
    told = numbers[(numbers["variable"] == "total")].set_index("wave")
    n = ", ".join(f"{labels.number(told.loc[w, 'n'])} ({wave_name(w, context)})" for w in waves)
    counted = {"nb": f"{n} svar", "en": f"{n} answers"}
    name = construct_name(numbers["construct"].iloc[0], context).lower()
    definition = {
        "nb": f"{name}, 0–100 der 100 er best, vektet til utvalgsrammen",
        "en": f"{name}, 0–100 where 100 is best, weighted to the frame",
    }
    notes = {
        "nb": f"Vannrett strek: {context.confidence}, klynget på kommune (CR2). Loddrett linje: gjennomsnittet for "
        "alle. «R²»: andelen av "
        "variasjonen mellom personer som henger sammen med gruppen, i prosent. Aksen begynner ikke på null. Skalaene "
        "er ulike mellom undersøkelsene.",
        "en": f"Horizontal line: {context.confidence}, clustered on the municipality (CR2). Vertical line: the mean "
        "of all. “R²”: the share of the "
        "variation between persons that goes together with the group, in per cent. The axis does not start at zero. "
        "The scales differ between surveys.",
    }
    height = ROW * len(lines)
    sheet = page(context, height + 1.4, context.footer(numbers, pick(counted), pick(definition), [pick(notes)]))
    shown = numbers[numbers["ci_low"].notna()]
    low, high = (0.0, 100.0) if shown.empty else (shown["ci_low"].quantile(0.02), shown["ci_high"].quantile(0.98))
    ticks = forest.round_ticks(max(0.0, float(low)), min(100.0, float(high)), 5)
    width = 12.2 / len(waves)
    for i, wave in enumerate(waves):
        axes = sheet.axes(3.7 + i * width, 0.75, width - 0.95, height)
        _panel(axes, numbers[numbers["wave"] == wave], lines, ticks, context, i == 0)
    return sheet.figure


def _lines(numbers: pd.DataFrame) -> list[tuple[str, str | None]]:
    """What stands on each row: ``(variable, None)`` for a head, else the variable and group."""
    present = numbers[["variable", "group"]].drop_duplicates()
    lines: list[tuple[str, str | None]] = [("total", "total")]
    for variable, levels in LEVELS.items():
        here = set(present.loc[present["variable"] == variable, "group"])
        lines += [(variable, None), *((variable, g) for g in levels if g in here)]
    return lines


def _panel(axes: Axes, rows: pd.DataFrame, lines: list, ticks: list[float], context: Context, first: bool) -> None:
    labels = context.labels
    forest.rows_axis(axes, len(lines))
    forest.number_axis(axes, context, ticks, 0, 7.5)
    axes.set_title(wave_name(rows["wave"].iloc[0], context), fontsize=8.5, pad=5)
    keyed = rows.set_index(["variable", "group"])
    axes.axvline(keyed.loc[("total", "total"), "mean"], color="#9a9a9a", linewidth=0.8, zorder=1)
    for i, (variable, group) in enumerate(lines):
        if group is None:
            if first:
                forest.stub(axes, i, labels.pick(VARIABLES[variable]), fontsize=7.5, fontweight="bold")
            explained = rows.loc[rows["variable"] == variable, "explained"]
            if len(explained):
                told = ":" if pd.isna(explained.iloc[0]) else labels.share(explained.iloc[0], 1)
                forest.beside(axes, i, f"R² {told}", 1, fontsize=6.2)
            continue
        if first:
            forest.stub(axes, i, _group(variable, group, context), fontsize=7.3)
        if (variable, group) not in keyed.index:
            continue
        row = keyed.loc[(variable, group)]
        forest.beside(axes, i, ":" if row["suppressed"] else labels.number(row["n"]), 7, fontsize=6.5)
        if not pd.isna(row["mean"]) and not pd.isna(row["ci_low"]):
            colour = INK if variable == "total" else BLUE
            forest.estimate(
                axes, i, row["ci_low"], row["mean"], row["ci_high"], {"color": colour, "marker": "o", "size": 3.8}
            )


def _group(variable: str, group: str, context: Context) -> str:
    if variable == "total":
        return context.labels.pick({"nb": "Alle", "en": "All"})
    if variable == "language":
        return context.labels.pick(LANGUAGES[group])
    if variable == "assisted":
        return context.labels.term(f"word.{group}").capitalize()
    return context.labels.term(f"{variable}.{group}", default=group.replace("-", "–"))
