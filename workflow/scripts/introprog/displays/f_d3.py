"""F-D3: results where the programme is placed in NAV and where it is not, raw and adjusted, and how many municipalities
chose which."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from introprog.disclosure import protect_shares
from introprog.displays.context import Context
from introprog.displays.forest import beside, estimate, key, number_axis, round_ticks, rows_axis, stub
from introprog.displays.waves import not_estimable
from introprog.house_style import BLUE, GREY, INK, PALE, Page, page
from introprog.organisation import MODELS, TERMS

MARK = {"outside": {"marker": "s", "color": "#B85C00", "size": 6}, "inside": {"marker": "o", "color": BLUE, "size": 6}}
WORDS = {
    "raw": {"nb": "Observert", "en": "Observed"},
    "person": {"nb": "1 Justert for hvem de er", "en": "1 Adjusted for who they are"},
    "programme": {"nb": "2 + programmet", "en": "2 + the programme"},
    "local": {"nb": "3 + arbeidsmarkedet", "en": "3 + the labour market"},
}
PLACED = {"inside": {"nb": "I NAV", "en": "In NAV"}, "outside": {"nb": "Utenfor NAV", "en": "Outside NAV"}}
TIER = {"raw": "observed", "person": "person", "programme": "programme"}
PUBLISHED = "introduction programme organised inside NAV"


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """Rows of ``kind`` ``estimate`` (model, term: the table ``organisation``), ``municipality`` (a municipality's rate
    in a model, by how it was organised in most of the years), ``municipalities`` (how many a year and term) and
    ``published`` (the same as NIBR counted it)."""
    estimates = inputs["organisation"].assign(kind="estimate")
    parts = [estimates, _towns(inputs, settings), _counts(inputs["municipalities"], settings), _published(inputs)]
    table = pd.concat([p for p in parts if len(p)], ignore_index=True)
    table["suppressed"] = table["suppressed"].astype("boolean").fillna(False).astype(bool)
    names = ["kind", "model", "term", "municipality", "year", "estimate", "std_error", "ci_low", "ci_high", "p_value",
             "n", "clusters", "dof", "first_exit_year", "last_exit_year", "suppressed", "method"]  # fmt: skip
    return table.reindex(columns=names).astype({"year": "Int64", "n": "Int64", "clusters": "Int64"})


def _towns(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    first, last = settings["comparison"]["exit_years"]
    years = inputs["municipalities"]
    years = years[years["year"].between(first, last) & years["in_nav"].notna()]
    side = years["in_nav"].astype(float).groupby(years["municipality"]).mean().round()
    rates = inputs["adjusted_rates"]
    observed = rows = rates[rates["tier"] == "observed"].reset_index(drop=True)
    hidden = protect_shares(observed[["municipality", "n", "successes"]], ["municipality"], {},
                            settings["disclosure"]["threshold"])  # fmt: skip
    large = observed.loc[~hidden & (observed["n"] >= settings["comparison"]["minimum_leavers"]), "municipality"]
    rows = rates[rates["municipality"].isin(large) & rates["municipality"].isin(side.index)]
    rows = rows[rows["tier"].isin(list(TIER.values()))]
    model = {tier: name for name, tier in TIER.items()}
    term = rows["municipality"].map(side).map({1.0: "inside", 0.0: "outside"})
    # the number of persons stands with the observed rate only: the adjusted ones leave out who has unknown traits
    n = rows["n"].astype("Int64").where(rows["tier"] == "observed")
    table = pd.DataFrame({"kind": "municipality", "model": rows["tier"].map(model), "term": term, "n": n,
                          "municipality": rows["municipality"], "estimate": rows["rate"]})  # fmt: skip
    order = {name: i for i, name in enumerate(MODELS)}
    return table.sort_values(["model", "municipality"], key=lambda s: s.map(order) if s.name == "model" else s)


def _counts(municipalities: pd.DataFrame, settings: Mapping) -> pd.DataFrame:
    rows = municipalities[municipalities["in_nav"].notna()]
    rows = rows[rows["year"].between(settings["study"]["first_exit_year"], settings["study"]["last_exit_year"])]
    term = rows["in_nav"].astype(bool).map({True: "inside", False: "outside"})
    sums = rows.groupby(["year", term.rename("term")]).size().unstack(fill_value=0).reindex(columns=TERMS, fill_value=0)
    long = sums.reset_index().melt("year", var_name="term", value_name="estimate").sort_values(["year", "term"])
    return long.assign(kind="municipalities", method="municipalities")


def _published(inputs: Mapping) -> pd.DataFrame:
    rows = inputs["published"]
    rows = rows[rows["measure"] == PUBLISHED]
    table = pd.DataFrame({"year": pd.to_numeric(rows["measured_at"]), "estimate": rows["value"]})
    return table.assign(kind="published", term="inside", method="NIBR 2015:2").sort_values("year")


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """Dots of municipalities with the means of both groups, model by model; below, municipalities by organisation."""
    pick = context.labels.pick
    sheet = page(context, 14.3, _footer(numbers, context))
    rows = numbers[numbers["kind"] == "estimate"].set_index(["model", "term"])
    towns = numbers[numbers["kind"] == "municipality"]
    axes = sheet.axes(4.0, 5.2, 8.0, 7.9)
    _estimates(axes, rows, towns, context)
    entries = [(MARK[t], pick(PLACED[t])) for t in ("inside", "outside")]
    dot = {"marker": ".", "color": GREY, "size": 5}
    key(sheet, [*entries, (dot, pick({"nb": "én kommune", "en": "one municipality"}))], 13.75)
    _bars(sheet, numbers, context)
    return sheet.figure


def _estimates(axes: Axes, rows: pd.DataFrame, towns: pd.DataFrame, context: Context) -> None:
    labels, pick = context.labels, context.labels.pick
    models = [m for m in MODELS if (m, "inside") in rows.index]
    known = rows.loc[[i for i in rows.index if i[1] in TERMS], ["estimate", "ci_low", "ci_high"]].astype(float)
    spread = [known["ci_low"].min(), known["ci_high"].max(), towns["estimate"].min(), towns["estimate"].max()]
    seen = [100 * float(v) for v in spread if pd.notna(v)] or [0.0, 100.0]
    rows_axis(axes, 3 * len(models) - 1)
    number_axis(axes, context, round_ticks(min(seen), max(seen)), 0)
    for block, model in enumerate(models):
        at = 3 * block
        stub(axes, at + 0.5, pick(WORDS[model]), fontsize=8, fontweight="bold" if model == "raw" else "normal")
        for row, term in ((at, "inside"), (at + 1, "outside")):
            own = towns[(towns["model"] == model) & (towns["term"] == term)].sort_values("municipality")
            shift = row + 0.16 * (np.arange(len(own)) % 5 - 2)
            axes.plot(100 * own["estimate"].to_numpy(float), shift, ".", color=PALE, markersize=4, zorder=1.5)
            mean = rows.loc[(model, term)]
            if pd.notna(mean["estimate"]):
                estimate(axes, row, *(100 * float(mean[c]) for c in ("ci_low", "estimate", "ci_high")), MARK[term])
        gap = rows.loc[(model, "difference")]
        beside(axes, at + 0.5, _difference(gap, context), fontsize=7.5, color=INK)
    head = {
        "nb": "Forskjell, prosentpoeng\n(i NAV minus utenfor)",
        "en": "Difference, percentage points\n(in NAV less outside)",
    }
    beside(axes, -1.3, pick(head), fontsize=7)
    axes.set_xlabel(labels.term("word.share_success"), loc="right", fontsize=8)


def _difference(gap: pd.Series, context: Context) -> str:
    labels = context.labels
    if gap["suppressed"]:
        return ":"
    if pd.isna(gap["estimate"]):
        return not_estimable(gap["method"], context)
    limits = labels.interval(100 * gap["ci_low"], 100 * gap["ci_high"], 1)
    return f"{labels.signed(100 * gap['estimate'], 1)} {limits}"


def _bars(sheet: Page, numbers: pd.DataFrame, context: Context) -> None:
    """Municipalities in and outside NAV by year, and NIBR's counts."""
    pick = context.labels.pick
    axes = sheet.axes(1.2, 0.9, 13.6, 2.5)
    rows = numbers[numbers["kind"] == "municipalities"]
    wide = rows.pivot(index="year", columns="term", values="estimate").astype(float)
    x = wide.index.to_numpy(dtype=float)
    axes.bar(x, wide["inside"], 0.72, color=BLUE)
    axes.bar(
        x,
        wide["outside"],
        0.72,
        wide["inside"],
        color=MARK["outside"]["color"],
        hatch="///",
        edgecolor="white",
        linewidth=0,
    )
    told = numbers[numbers["kind"] == "published"]
    axes.plot(
        told["year"].astype(float),
        told["estimate"].astype(float),
        "D",
        color="white",
        markeredgecolor=INK,
        markersize=5,
    )
    axes.set_xlim(x.min() - 0.6, x.max() + 0.6)
    axes.set_xticks(x, [str(int(v)) for v in x], fontsize=7)
    axes.tick_params(axis="y", labelsize=7.5)
    axes.grid(True, axis="y")
    head = {"nb": "Kommuner etter hvor programmet er lagt", "en": "Municipalities by where the programme is placed"}
    axes.set_title(pick(head), fontsize=8.5, loc="left", pad=16)
    white = {"marker": "D", "color": INK, "face": "white"}
    entries = [({"color": BLUE, "patch": True}, pick(PLACED["inside"])),
               ({"color": MARK["outside"]["color"], "patch": True}, pick(PLACED["outside"])),
               (white, pick({"nb": "i NAV ifølge NIBR 2015:2", "en": "in NAV according to NIBR 2015:2"}))]  # fmt: skip
    key(sheet, entries, 3.65, x=1.3)


def _footer(numbers: pd.DataFrame, context: Context) -> list[str]:
    labels, pick = context.labels, context.labels.pick
    rows = numbers[numbers["kind"] == "estimate"].set_index(["model", "term"])
    gap, least = rows.loc[("raw", "difference")], rows.loc[("raw", "smallest_detectable"), "estimate"]
    years = labels.years(int(gap["first_exit_year"]), int(gap["last_exit_year"]))
    minimum = context.settings["comparison"]["minimum_leavers"]
    unknown = rows.loc[("raw", "persons_left_out")]
    out = ":" if unknown["suppressed"] else labels.number(unknown["estimate"])
    power = {
        "nb": f"Minste forskjell disse kommunene kunne vist med 80 prosent styrke: {labels.number(100 * least, 1)} "
        "prosentpoeng. ",
        "en": "Smallest difference these municipalities could show with 80 per cent power: "
        f"{labels.number(100 * least, 1)} percentage points. ",
    }
    told = pick(power) if pd.notna(least) else ""
    notes = {
        "nb": "Prosentaksen begynner ikke på null. "
        f"Grå prikker: kommuner med minst {minimum} tidligere deltakere. Streker: {context.confidence}, klynget "
        f"på kommune (CR2). {told}Kommunene har selv valgt organisering: forskjellen er en sammenheng og sier ikke hva "
        "en flytting ville gjort. I trinn 3 er arbeidsledighet og sentralitet jevnet ut mellom kommunene, så de vises "
        "ikke enkeltvis.",
        "en": "The per cent axis does not start at zero. "
        f"Grey dots: municipalities with at least {minimum} former participants. Lines: {context.confidence}, "
        f"clustered on municipality (CR2). {told}Municipalities choose their organisation: the difference is an "
        "association and does not say what a move would do. In step 3 unemployment and centrality are evened out "
        "between municipalities, so single ones are not drawn.",
    }
    n = {
        "nb": f"{labels.number(gap['n'])} tidligere deltakere som sluttet {years} i {labels.number(gap['clusters'])} "
        f"kommuner; {out} uten kjent organisering eller kjennetegn er utelatt",
        "en": f"{labels.number(gap['n'])} former participants who left {years} in {labels.number(gap['clusters'])} "
        f"municipalities; {out} of unknown organisation or traits are left out",
    }
    definition = context.definition(context.settings["official_definition"])
    return context.footer(numbers, pick(n), definition, [pick(notes)])
