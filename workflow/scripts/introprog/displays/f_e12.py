"""F-E12: what goes with perceived usefulness: ordered logits of the usefulness item on the rest of the survey.

IMDi's few items enter as they are; the many items of KS as dimension scores, since hardly anybody answered all of them.
Each by itself, and all together, on the same answers, with the covariates of the config. Both sides come from the same
person on the same day, so that mood alone makes them go together (Podsakoff et al. 2003, doi
10.1037/0021-9010.88.5.879).
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.special import stdtr, stdtrit

from introprog.design import dummies
from introprog.displays import forest
from introprog.displays.context import Context
from introprog.displays.waves import book_of, by_wave, not_estimable, wave_name, wave_order
from introprog.estimable import NotEstimable, require_units, require_variation
from introprog.house_style import BLUE, INK, page, wrapped

OUTCOME = "usefulness"
MODELS = ("alone", "together")
MARKS = {
    "alone": {"color": "#6e6e6e", "marker": "o", "face": "white", "size": 4.2},
    "together": {"color": BLUE, "marker": "s", "size": 4.2},
}
WORDS = {
    "alone": {"nb": "hvert for seg", "en": "each by itself"},
    "together": {"nb": "alle samtidig", "en": "all together"},
}
TICKS = (0.5, 0.7, 1, 1.5, 2, 3, 4)
ROW = 0.44
BY_DIMENSION = ("ks",)


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a wave, item and model (``alone``, ``together``): log odds of a better usefulness answer per standard
    deviation of the item with limits, the same as odds ratio, ``n``, ``clusters``, ``method``."""
    covariates, level = settings["association"]["covariates"], 1 - settings["association"]["alpha"]
    parts = []
    for wave in wave_order(settings):
        book = book_of(inputs, settings, wave)
        texts = predictors(book)
        own = inputs["scales"][inputs["scales"]["wave"] == wave]
        if f"{OUTCOME}_level" not in own or not texts:
            continue
        rows = coefficients(own, list(texts), covariates, level).assign(wave=wave)
        for language in ("nb", "en"):
            rows[f"item_{language}"] = [texts[i][language] for i in rows["item"]]
        parts.append(rows)
    table = pd.concat(parts, ignore_index=True)
    for new, old in (("odds_ratio", "estimate"), ("or_low", "ci_low"), ("or_high", "ci_high")):
        table[new] = np.exp(table[old])
    strength = table[table["model"] == "together"].set_index(["wave", "item"])["estimate"]
    table["_order"] = [-strength.get(key, 0.0) for key in zip(table["wave"], table["item"], strict=True)]
    names = ["wave", "item", "item_nb", "item_en", "model", "estimate", "std_error", "ci_low", "ci_high", "p_value",
             "odds_ratio", "or_low", "or_high", "sd", "n", "clusters", "dof", "method"]  # fmt: skip
    return by_wave(table, settings, ["_order", "item", "model"], {"model": MODELS})[names]


def predictors(book: Mapping) -> dict[str, dict[str, str]]:
    """Columns of ``scales.parquet`` to stand against usefulness, with their texts: items that belong to no
    construct, or the dimensions made of these alone."""
    items = book["items"].items()
    free = {i: e for i, e in items if e["dimension"] and not e["construct"]}
    if book["instrument"] not in BY_DIMENSION:
        turned = {"nb": " (snudd)", "en": " (turned)"}
        return {
            f"item_{i}": {lang: e["text"][lang] + (turned[lang] if e["reversed"] else "") for lang in turned}
            for i, e in free.items()
        }
    taken = {e["dimension"] for _, e in items if e["construct"]}
    return {d: dict(label) for d, label in book["dimensions"].items() if d not in taken}


def coefficients(people: pd.DataFrame, items: Sequence[str], covariates: Sequence[str], level: float) -> pd.DataFrame:
    """Weighted ordered logits of the usefulness step on standardised items, errors clustered on the municipality.

    ``people``: one wave of ``scales.parquet``. Only answers to the outcome and every item enter, so that the models
    have the same persons.
    """
    kept = people[people[[f"{OUTCOME}_level", *items]].notna().all(axis=1) & people["municipality"].notna()]
    clusters = kept["municipality"].nunique()
    fixed = {"n": len(kept), "clusters": clusters}
    values, weight = kept[list(items)].to_numpy(float), kept["weight"].to_numpy(float)
    extra, names = dummies(kept, covariates)
    sd = _spread(values, weight)
    scaled = values / np.where(sd > 0, sd, 1)
    sets = [("alone", [j]) for j in range(len(items))] + [("together", list(range(len(items))))]
    rows = []
    for model, chosen in sets:
        try:
            require_units(clusters, len(chosen) + 2, f"municipalities for {len(chosen)} items")
            for j in chosen:
                require_variation(values[:, j], f"item {items[j]}")
            found = _fit(kept, np.column_stack([scaled[:, chosen], extra]), len(chosen), names, level)
            told = [{"method": "ordered logit, weighted, CRV1", **line} for line in found]
        except NotEstimable as fault:
            told = [{"method": fault.method}] * len(chosen)
        rows += [
            {"item": items[j], "model": model, "sd": sd[j], **fixed, **line}
            for j, line in zip(chosen, told, strict=True)
        ]
    empty = dict.fromkeys(["estimate", "std_error", "ci_low", "ci_high", "p_value", "dof"], np.nan)
    return pd.DataFrame([empty | row for row in rows])


def _spread(values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    if not len(values):
        return np.full(values.shape[1], np.nan)
    centre = np.average(values, axis=0, weights=weight)
    return np.sqrt(np.average((values - centre) ** 2, axis=0, weights=weight))


def _fit(kept: pd.DataFrame, design: np.ndarray, count: int, names: list[str], level: float) -> list[dict]:
    from introprog.ordinal import fit_ordered_logit

    terms = [*(f"x{j}" for j in range(count)), *names]
    towns = kept["municipality"].to_numpy()
    fit = fit_ordered_logit(
        kept[f"{OUTCOME}_level"].to_numpy(int), design, terms, kept["weight"].to_numpy(float), towns
    )
    dof = len(np.unique(towns)) - 1.0
    half = stdtrit(dof, 0.5 + level / 2)
    beta, error = fit.params.to_numpy()[:count], fit.bse.to_numpy()[:count]
    if not np.isfinite(error).all():
        raise NotEstimable("no finite standard error")
    return [
        {
            "estimate": b,
            "std_error": s,
            "ci_low": b - half * s,
            "ci_high": b + half * s,
            "dof": dof,
            "p_value": 2 * stdtr(dof, -abs(b / s)),
        }
        for b, s in zip(beta, error, strict=True)
    ]


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """A block of rows a wave on one axis of odds ratios."""
    pick, labels = context.labels.pick, context.labels
    waves = list(dict.fromkeys(numbers["wave"]))
    lines: list[tuple[str, str | None]] = []
    for wave in waves:
        lines += [(wave, None), *((wave, i) for i in dict.fromkeys(numbers.loc[numbers["wave"] == wave, "item"]))]
    told = numbers.drop_duplicates("wave").set_index("wave")
    n = ", ".join(
        f"{labels.number(told.loc[w, 'n'])} / {labels.number(told.loc[w, 'clusters'])} ({wave_name(w, context)})"
        for w in waves
    )
    counted = {"nb": f"svar / kommuner {n}", "en": f"answers / municipalities {n}"}
    definition = {
        "nb": "oddsratio for et bedre svar på spørsmålet om nytte, per standardavvik av det andre spørsmålet (KS: "
        "dimensjonen)",
        "en": "odds ratio of a better answer to the item on usefulness, per standard deviation of the other item (KS: "
        "the dimension)",
    }
    level = labels.percent_sign(1 - context.settings["association"]["alpha"])
    notes = {
        "nb": f"Ordnet logit, vektet, med kjønn, alder og landbakgrunn; {level} intervall, klynget på kommune. Begge "
        "sider er svar fra samme "
        "person samme dag, og det alene gjør at de henger sammen. Sammenhenger, ikke virkninger.",
        "en": f"Ordered logit, weighted, with sex, age and country background; {level} interval, clustered on the "
        "municipality. Both sides are "
        "answers of one person on one day, which alone makes them go together. Associations only.",
    }
    height = ROW * len(lines)
    sheet = page(context, height + 2.0, context.footer(numbers, pick(counted), pick(definition), [pick(notes)]))
    _rows(sheet.axes(6.6, 0.8, 7.0, height), numbers, lines, context)
    forest.key(sheet, [(MARKS[m], pick(WORDS[m])) for m in MODELS], height + 1.6)
    return sheet.figure


def _rows(axes: Axes, numbers: pd.DataFrame, lines: list, context: Context) -> None:
    labels = context.labels
    forest.rows_axis(axes, len(lines))
    forest.number_axis(axes, context, [np.log(t) for t in TICKS], 2)
    axes.set_xticks([np.log(t) for t in TICKS], [labels.number(t, 0 if t % 1 == 0 else 1) for t in TICKS], fontsize=8)
    axes.axvline(0, color="#4d4d4d", linewidth=0.8, zorder=1)
    keyed = numbers.set_index(["wave", "item", "model"])
    forest.beside(axes, -0.75, labels.pick({"nb": "samtidig", "en": "together"}), 6, fontsize=7)
    for i, (wave, item) in enumerate(lines):
        if item is None:
            forest.stub(axes, i, wave_name(wave, context), fontweight="bold", fontsize=8)
            continue
        row = keyed.loc[(wave, item, "together")]
        forest.stub(
            axes, i, "\n".join(wrapped(row[f"item_{context.language}"], 7, 6.5)[:2]), fontsize=7, linespacing=1.0
        )
        for model, shift in (("alone", -0.2), ("together", 0.2)):
            part = keyed.loc[(wave, item, model)]
            if not pd.isna(part["estimate"]):
                forest.estimate(axes, i + shift, part["ci_low"], part["estimate"], part["ci_high"], MARKS[model])
        if pd.isna(row["estimate"]):
            axes.text(
                np.log(TICKS[0]), i + 0.2, not_estimable(row["method"], context), fontsize=6.5, color=INK, va="center"
            )
        else:
            forest.beside(
                axes, i, f"{labels.number(row['odds_ratio'], 2)} {labels.interval(row['or_low'], row['or_high'], 2)}", 6
            )
