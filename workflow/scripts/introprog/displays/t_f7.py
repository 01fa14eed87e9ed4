"""T-F7: satisfaction, motivation and usefulness side by side: the same model and the same results, three scores."""

from collections.abc import Mapping

import pandas as pd

from introprog.displays.context import Context
from introprog.displays.waves import by_wave, construct_name, not_estimable_lines, reason, wave_name
from introprog.tables import Column, Row, Table

CONSTRUCTS = ("satisfaction", "motivation", "usefulness")
METHOD, TERM = "CR2, Satterthwaite", "result_per_10_points"
KEYS = ["wave", "construct", "definition", "horizon"]
ESTIMATE = ["estimate", "std_error", "ci_low", "ci_high", "p_value", "n", "clusters", "dof"]
CORRELATION = ["municipalities", "r", "ci95_low", "ci95_high", "r_disattenuated", "r_disattenuated_low",
               "r_disattenuated_high", "primary", "p_holm", "p_bh", "verdict"]  # fmt: skip


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a wave, horizon and construct: the slope of the adjusted linear model with its limits, the correlation
    between municipalities with its limits, the corrected p-values and the verdict; ``asked`` where the wave asked."""
    definition = settings["association"]["definition"]
    model = inputs["association"]
    standing = settings["association"]["standing"]
    model = model[(model["model"] == standing) & (model["term"] == TERM) & (model["definition"] == definition)]
    model = model[model["method"].str.endswith(METHOD) | model["method"].str.startswith("not estimable")]
    verdict = inputs["verdict"][inputs["verdict"]["definition"] == definition]
    table = verdict[[*KEYS, *CORRELATION]].merge(
        model[[*KEYS, *ESTIMATE, "method"]].drop_duplicates(KEYS), on=KEYS, how="left", validate="one_to_one"
    )
    whole = pd.MultiIndex.from_product(
        [verdict["wave"].unique(), CONSTRUCTS, [definition], verdict["horizon"].unique()], names=KEYS
    )
    asked = table.assign(asked=True).set_index(KEYS).reindex(whole).reset_index()
    asked["asked"] = asked["asked"].eq(True)
    asked["verdict"] = asked["verdict"].where(asked["asked"], "not estimable: not asked")
    names = [*KEYS, "asked", *ESTIMATE, "method", *CORRELATION]
    return by_wave(asked, settings, ["horizon", "construct"], {"construct": CONSTRUCTS})[names]


def table(numbers: pd.DataFrame, context: Context) -> Table:
    """A line a horizon under each wave; a group of columns a construct."""
    pick, labels = context.labels.pick, context.labels
    level = labels.percent_sign(1 - context.settings["association"]["alpha"])
    heads = (
        {
            "nb": f"Poeng per 10 prosentpoeng (SE) [{level} KI]",
            "en": f"Points per 10 percentage points (SE) [{level} CI]",
        },
        {"nb": f"r mellom kommuner [{level} KI]", "en": f"r between municipalities [{level} CI]"},
        {"nb": "Konklusjon", "en": "Verdict"},
    )
    columns = [
        Column(pick(head), construct_name(c, context), text=i == len(heads) - 1)
        for c in CONSTRUCTS
        for i, head in enumerate(heads)
    ]
    rows = []
    for wave, part in numbers.groupby("wave", sort=False):
        rows.append(Row(wave_name(wave, context), kind="head"))
        for horizon, line in part.groupby("horizon", sort=True):
            cells = line.set_index("construct")
            printed = [text for c in CONSTRUCTS for text in _cells(cells.loc[c], context)]
            primary = bool(line["primary"].eq(True).any())
            stub = labels.term(f"horizon.{horizon}", default=str(horizon))
            rows.append(Row(stub, printed, 1, "total" if primary else "body"))
    footer = _footer(numbers, context)
    stub = pick({"nb": "År etter avsluttet program", "en": "Years after leaving"})
    return Table(context.language, context.title, stub, columns, rows, footer, context.stamp)


def _cells(row: pd.Series, context: Context) -> list[str]:
    labels = context.labels
    if not row["asked"]:
        return [".", ".", reason(row["verdict"], context)]
    if pd.isna(row["r"]):
        return [".", ".", labels.pick({"nb": "ikke beregnbar", "en": "not estimable"})]
    slope = "."
    if not pd.isna(row["estimate"]):
        limits = labels.interval(row["ci_low"], row["ci_high"], 1)
        slope = f"{labels.signed(row['estimate'], 1)} ({labels.number(row['std_error'], 1)}) {limits}"
    r = f"{labels.number(row['r'], 2)} {labels.interval(row['ci95_low'], row['ci95_high'], 2)}"
    return [slope, r, labels.term(f"verdict.{row['verdict']}", default=str(row["verdict"]))]


def _footer(numbers: pd.DataFrame, context: Context) -> list[str]:
    labels, pick = context.labels, context.labels.pick
    notes = {
        "nb": "Tre mål på kvalitet som ikke er det samme: en sammenheng for ett og ingen for et annet er ingen "
        "motsigelse. Modellen er "
        "lineær på personer, vektet og justert for kjennetegn, med standardfeil klynget på kommune (CR2). "
        "Hovedkontrasten i halvfet. "
        "«.» = ikke beregnbar, grunnen står under. Sammenhenger, ikke virkninger.",
        "en": "Three measures of quality that are not the same: an association for one and none for another is no "
        "contradiction. The model "
        "is linear in persons, weighted and adjusted for covariates, with errors clustered on the municipality (CR2). "
        "The primary contrast "
        "in bold. “.” = not estimable, the reason stands below. Associations only.",
    }
    told = numbers[numbers["r"].notna()]
    people = told.groupby("wave", sort=False)[["n", "municipalities"]].max()
    n = ", ".join(
        f"{labels.number(row.n)} / {labels.number(row.municipalities)} ({wave_name(wave, context)})"
        for wave, row in people.iterrows()
    )
    counted = {"nb": f"svar / kommuner, på det meste {n}", "en": f"answers / municipalities, at most {n}"}
    missing = not_estimable_lines(numbers[numbers["asked"]].assign(method=lambda t: t["verdict"]), "r", context)
    return context.footer(
        numbers, pick(counted), context.definition(numbers["definition"].iloc[0]), [pick(notes), *missing]
    )
