"""F-E6: how the quality indicators go together: Spearman correlations between the items of every survey, with n.

Pairs are of persons who answered both; reversed items are turned. Intervals in the CSV by Bonett & Wright (2000, doi
10.1007/BF02294183).
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.special import ndtri

from introprog.displays import forest
from introprog.displays.context import Context
from introprog.displays.waves import book_of, by_wave, wave_name, wave_order
from introprog.house_style import Page, page, wrapped

CELL = 0.56
FEWEST = 10
LABELS = 5.4


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a wave and pair of items: ``n`` who answered both, ``rho`` with limits, ``method``; item texts."""
    level, floor = settings["study"]["confidence"], max(FEWEST, settings["disclosure"]["threshold"])
    parts = []
    for wave in wave_order(settings):
        book = book_of(inputs, settings, wave)
        own = inputs["scales"][inputs["scales"]["wave"] == wave]
        items = [i for i, entry in book["items"].items() if entry["dimension"]]
        order = sorted(items, key=lambda i, b=book: list(b["dimensions"]).index(b["items"][i]["dimension"]))
        parts.append(
            spearman(own[[f"item_{i}" for i in order]].set_axis(order, axis=1), level, floor).assign(wave=wave)
        )
        for side in ("item", "other"):
            parts[-1][f"{side}_dimension"] = [book["items"][i]["dimension"] for i in parts[-1][side]]
            for language in ("nb", "en"):
                parts[-1][f"{side}_{language}"] = [book["items"][i]["text"][language] for i in parts[-1][side]]
    table = by_wave(pd.concat(parts, ignore_index=True), settings)
    return table[["wave", *(c for c in table if c != "wave")]]


def spearman(values: pd.DataFrame, level: float, floor: int) -> pd.DataFrame:
    """Spearman's rho of every pair of columns: ``item, other, position, other_position, n, rho, ci_low, ci_high,
    method``; pairs under ``floor`` answers, or without variation, say why there is none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        rho = values.corr(method="spearman").to_numpy()
    present = values.notna().to_numpy(float)
    both = present.T @ present
    first, second = np.tril_indices(values.shape[1], -1)
    n, r = both[first, second], rho[first, second].copy()
    few, still = n < floor, np.isnan(r)
    r[few] = np.nan
    # an interval on Fisher's z needs |rho| under 1
    z = np.arctanh(np.clip(r, -1 + 1e-12, 1 - 1e-12))
    half = ndtri(0.5 + level / 2) * np.sqrt((1 + r**2 / 2) / np.maximum(n - 3, 1))
    method = np.select(
        [few, still], ["not estimable: fewer answers than may be shown", "not estimable: no unit varies"], "Spearman"
    )
    names = values.columns.to_numpy(str)
    return pd.DataFrame(
        {
            "item": names[first], "other": names[second], "position": first + 1, "other_position": second + 1,
            "n": pd.array(np.where(few, 0, n).astype(int), dtype="Int64").copy(), "rho": r, "ci_low": np.tanh(z - half),
            "ci_high": np.tanh(z + half), "method": method, "suppressed": few & (n > 0),
        }
    ).assign(n=lambda t: t["n"].mask(t["suppressed"]))  # fmt: skip


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """A triangle a wave; waves of the same items stand side by side."""
    pick, labels = context.labels.pick, context.labels
    waves = list(dict.fromkeys(numbers["wave"]))
    rows_of = _bands(numbers, waves)
    sizes = [max(int(numbers.loc[numbers["wave"].isin(band), "position"].max()), 2) for band in rows_of]
    heights = [CELL * size + 1.5 for size in sizes]
    told = []
    for wave in waves:
        n = numbers.loc[numbers["wave"] == wave, "n"]
        told.append(f"{labels.number(n.min())}–{labels.number(n.max())} ({wave_name(wave, context)})")
    counted = {"nb": f"svar per par av spørsmål {', '.join(told)}", "en": f"answers a pair of items {', '.join(told)}"}
    definition = {
        "nb": "Spearmans rangkorrelasjon mellom personer som har svart på begge; høyere er bedre på alle spørsmål",
        "en": "Spearman's rank correlation between persons who answered both; higher is better on every item",
    }
    notes = {
        "nb": "Tall i rutene: korrelasjon × 100. Streker skiller dimensjonene. Ikke beregnbare par er grå med «.». "
        "Uvektet. "
        "Intervaller og n per par står i CSV-filen.",
        "en": "Figures in the cells: correlation × 100. Lines part the dimensions. Pairs that cannot be estimated are "
        "grey with “.”. "
        "Unweighted. Intervals and n of each pair are in the CSV file.",
    }
    sheet = page(context, sum(heights) - 0.2, context.footer(numbers, pick(counted), pick(definition), [pick(notes)]))
    top = sum(heights) - 0.1
    for band, size, height in zip(rows_of, sizes, heights, strict=True):
        top -= height
        # panels side by side share what the labels leave
        cell = min(CELL, (15.8 - LABELS) / (size * len(band) + 0.8 * (len(band) - 1)))
        for i, wave in enumerate(band):
            part = numbers[numbers["wave"] == wave]
            _triangle(sheet, part, size, LABELS + i * (size * cell + 0.8), top + 0.6, (cell, CELL), context, i == 0)
    return sheet.figure


def _bands(numbers: pd.DataFrame, waves: list[str]) -> list[list[str]]:
    bands: list[list[str]] = []
    seen: dict[tuple, list[str]] = {}
    for wave in waves:
        items = tuple(dict.fromkeys(numbers.loc[numbers["wave"] == wave, "other"]))
        if items not in seen:
            seen[items] = []
            bands.append(seen[items])
        seen[items].append(wave)
    return bands


def _triangle(
    sheet: Page,
    rows: pd.DataFrame,
    size: int,
    x: float,
    y: float,
    cell: tuple[float, float],
    context: Context,
    first: bool,
) -> None:
    from matplotlib import colormaps

    axes = sheet.axes(x, y, size * cell[0], size * cell[1])
    axes.set_xlim(-0.5, size - 0.5)
    axes.set_ylim(size - 0.5, -0.5)
    grid = np.full((size, size), np.nan)
    at = rows["position"].to_numpy() - 1, rows["other_position"].to_numpy() - 1
    grid[at] = rows["rho"].to_numpy(float)
    palette = colormaps["RdBu"].with_extremes(bad="white")
    axes.imshow(grid, cmap=palette, vmin=-1, vmax=1, aspect="auto", interpolation="nearest")
    for i, j, value in zip(*at, rows["rho"], strict=True):
        if pd.isna(value):
            axes.add_patch(_grey(j, i))
        text = "." if pd.isna(value) else context.labels.number(100 * value)
        axes.text(j, i, text, ha="center", va="center", fontsize=6.5, color="white" if abs(value) > 0.6 else "#1a1a1a")
    _labels(axes, rows, size, context, first)
    axes.set_title(wave_name(rows["wave"].iloc[0], context), fontsize=8.5, pad=4)


def _grey(j: int, i: int):
    from matplotlib.patches import Rectangle

    return Rectangle((j - 0.5, i - 0.5), 1, 1, facecolor="#e6e6e6", linewidth=0)


def _labels(axes: Axes, rows: pd.DataFrame, size: int, context: Context, first: bool) -> None:
    items = {}
    for side, place in (("item", "position"), ("other", "other_position")):
        names = rows.drop_duplicates(place)
        items |= dict(
            zip(
                names[place],
                zip(names[f"{side}_{context.language}"], names[f"{side}_dimension"], strict=True),
                strict=True,
            )
        )
    axes.set_xticks(range(size), [str(i + 1) for i in range(size)], fontsize=6.5)
    axes.tick_params(length=0, pad=2)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.set_yticks([])
    for i in range(size):
        text, dimension = items[i + 1]
        if first:
            forest.stub(axes, i, str(i + 1), -3, fontsize=6.5)
            forest.stub(axes, i, "\n".join(wrapped(text, 6.3, LABELS - 0.4)[:2]), -15, fontsize=6.3, linespacing=1.12)
        if i and items[i][1] != dimension:
            axes.plot([-0.5, i - 0.5], [i - 0.5, i - 0.5], color="#4d4d4d", linewidth=0.7)
            axes.plot([i - 0.5, i - 0.5], [i - 0.5, size - 0.5], color="#4d4d4d", linewidth=0.7)
