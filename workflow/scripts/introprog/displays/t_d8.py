"""T-D8: programme municipality or present municipality: who has moved, and the result on either basis."""

from collections.abc import Mapping

import pandas as pd

from introprog.displays.context import Context
from introprog.labels import HIDDEN, NOT_AVAILABLE
from introprog.tables import Column, Row, Table

SHOWN = (1, 3, 5)
COLUMNS = (
    ("programme", {"nb": "Programkommune", "en": "Programme municipality"}, {"nb": "Personer", "en": "Persons"}),
    ("rate_programme", {"nb": "Programkommune", "en": "Programme municipality"}, {"nb": "Prosent", "en": "Per cent"}),
    ("out", {"nb": "Flyttet", "en": "Moved"}, {"nb": "Ut, personer", "en": "Out, persons"}),
    ("in", {"nb": "Flyttet", "en": "Moved"}, {"nb": "Inn, personer", "en": "In, persons"}),
    ("share_out", {"nb": "Flyttet", "en": "Moved"}, {"nb": "Ut, prosent", "en": "Out, per cent"}),
    ("present", {"nb": "Bostedskommune", "en": "Present municipality"}, {"nb": "Personer", "en": "Persons"}),
    ("rate_present", {"nb": "Bostedskommune", "en": "Present municipality"}, {"nb": "Prosent", "en": "Per cent"}),
    ("difference", {"nb": "", "en": ""}, {"nb": "Forskjell, prosentpoeng", "en": "Difference, percentage points"}),
    ("rate_stayed", {"nb": "Resultat, prosent", "en": "Result, per cent"}, {"nb": "Blitt", "en": "Stayed"}),
    ("rate_out", {"nb": "Resultat, prosent", "en": "Result, per cent"}, {"nb": "Flyttet ut", "en": "Moved out"}),
    ("rate_in", {"nb": "Resultat, prosent", "en": "Result, per cent"}, {"nb": "Flyttet inn", "en": "Moved in"}),
)
CLASSES = {
    "1": {"nb": "1 mest sentrale", "en": "1 most central"},
    "6": {"nb": "6 minst sentrale", "en": "6 least central"},
    "unknown": {"nb": "ukjent", "en": "unknown"},
}


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """The rows of ``moves``: region_level, region, horizon, term, estimate, limits, n, suppressed; all horizons."""
    first, last = settings["comparison"]["exit_years"]
    table = inputs["moves"].assign(
        definition=settings["official_definition"], first_exit_year=first, last_exit_year=last
    )
    return table.assign(suppressed=table["suppressed"].astype(bool))


def table(numbers: pd.DataFrame, context: Context) -> Table:
    """The country and the centrality classes at one, three and five years, on both bases."""
    labels, pick = context.labels, context.labels.pick
    values = numbers.set_index(["region_level", "region", "horizon", "term"])
    rows = []
    for horizon in [h for h in SHOWN if h in set(numbers["horizon"])]:
        rows.append(Row(labels.term(f"horizon.{horizon}", str(horizon)), kind="head"))
        rows.append(Row(labels.term("word.country"), _cells(values, ("country", "0", horizon), context), kind="total"))
        classes = sorted(
            numbers.loc[(numbers["region_level"] == "centrality") & (numbers["horizon"] == horizon), "region"].unique()
        )
        for code in classes:
            words = pick(CLASSES[code]) if code in CLASSES else code
            rows.append(Row(words, _cells(values, ("centrality", code, horizon), context), indent=1))
    columns = [Column(pick(head), pick(group)) for _, group, head in COLUMNS]
    stub = {"nb": "År etter og sentralitet", "en": "Years after and centrality"}
    return Table(
        context.language, context.title, pick(stub), columns, rows, _footer(numbers, values, context), context.stamp
    )


def _cells(values: pd.DataFrame, key: tuple, context: Context) -> list[str]:
    cells = []
    for term, *_ in COLUMNS:
        if (*key, term) not in values.index:
            cells.append(NOT_AVAILABLE)
            continue
        row = values.loc[(*key, term)]
        if row["suppressed"]:
            cells.append(HIDDEN)
        elif term == "difference":
            cells.append(context.labels.signed(100 * row["estimate"], 1))
        elif term.startswith(("rate", "share")):
            cells.append(context.labels.share(row["estimate"], 1))
        else:
            cells.append(context.labels.number(row["estimate"]))
    return cells


def _footer(numbers: pd.DataFrame, values: pd.DataFrame, context: Context) -> list[str]:
    labels, pick = context.labels, context.labels.pick
    years = labels.years(int(numbers["first_exit_year"].iloc[0]), int(numbers["last_exit_year"].iloc[0]))
    first = min(h for h in numbers["horizon"])
    count = labels.number(values["estimate"].get(("country", "0", first, "programme")))
    n = {"nb": f"{count} tidligere deltakere som sluttet {years} og var bosatt i Norge ved første måling",
         "en": f"{count} former participants who left {years} and were resident in Norway at the first "
               "moment"}  # fmt: skip
    notes = [
        {
            "nb": "Hele landet: flyttet = bor i en annen kommune enn programkommunen. Klasser: flyttet til eller fra "
            "en kommune i en annen "
            "sentralitetsklasse. De samme bosatte personene telles på begge grunnlag.",
            "en": "Whole country: moved = lives in another municipality than the programme's. Classes: moved to or "
            "from a municipality of "
            "another centrality class. The same residents are counted on both bases.",
        },
        *(_municipal(values, horizon, context) for horizon in SHOWN),
    ]
    return context.footer(
        numbers, pick(n), context.definition(numbers["definition"].iloc[0]), [pick(t) for t in notes if t]
    )


def _municipal(values: pd.DataFrame, horizon: int, context: Context) -> Mapping | None:
    """What moves do to single municipalities, in a sentence."""
    found = {t: values["estimate"].get(("municipality", "all", horizon, t)) for t in
             ("municipalities", "median_difference", "p90_difference", "other_side_of_target")}  # fmt: skip
    if found["municipalities"] is None:
        return None
    number = context.labels.number
    places, other = number(found["municipalities"]), number(found["other_side_of_target"])
    median, most = number(100 * found["median_difference"], 1), number(100 * found["p90_difference"], 1)
    least, target = (
        number(context.settings["comparison"]["minimum_leavers"]),
        context.labels.percent_sign(context.settings["study"]["target_share"]),
    )
    return {
        "nb": f"{horizon} år etter: i {places} kommuner med minst {least} på begge grunnlag er forskjellen i middels "
        f"kommune {median} "
        f"prosentpoeng (ni av ti under {most}), og {other} kommer på en annen side av {target}.",
        "en": f"{horizon} years after: in {places} municipalities with at least {least} on both bases the difference "
        f"is {median} percentage "
        f"points in the median municipality (nine in ten under {most}), and {other} come to another side of {target}.",
    }
