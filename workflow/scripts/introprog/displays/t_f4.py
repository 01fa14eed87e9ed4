"""T-F4: no association, or too little data? The verdict of every wave, construct and horizon, with what it rests on.

Below stands what could be told with as many municipalities as four published studies had.
"""

from collections.abc import Mapping

import pandas as pd

from introprog.displays.context import Context
from introprog.tables import Column, Row, Table
from introprog.verdict import half_width, reason, smallest_bound, smallest_detectable

MAIN = {"nb": "Hovedresultat", "en": "Primary contrast"}

COLUMNS = [
    "kind",
    "wave",
    "construct",
    "definition",
    "horizon",
    "alignment",
    "first_exit_year",
    "last_exit_year",
    "municipalities",
    "smallest_effect",
    "r",
    "ci95_low",
    "ci95_high",
    "ci90_low",
    "ci90_high",
    "p_tost",
    "mde",
    "reliability_survey",
    "reliability_result",
    "r_disattenuated",
    "r_disattenuated_low",
    "r_disattenuated_high",
    "primary",
    "verdict",
    "verdict_raw",
    "verdict_disattenuated",
    "sentence_nb",
    "sentence_en",
]
STUDIES = {33: "KS 2015", 82: "SSB 2013/55", 129: "IMDi 2021", 150: "IMDi 2020"}


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """Rows of kind ``estimate`` (``verdict.csv``) and ``reference`` (what so many municipalities can tell).

    The primary contrast and its group come first, then waves by year, construct, definition and horizon. A reference
    row stands for an observed correlation of zero: half-width of its interval, smallest bound that it proves (the
    end of the narrower interval) and smallest detectable correlation.
    """
    rows = inputs["verdict"].assign(kind="estimate")
    rows = rows[[c for c in COLUMNS if c in rows]].copy()
    order = {wave: (block["year"], wave) for wave, block in settings["surveys"]["waves"].items()}
    position = {wave: i for i, wave in enumerate(sorted(order, key=order.get))}
    main = rows["primary"].astype(bool)
    rows["_group"] = ~main.groupby([rows["wave"], rows["construct"]]).transform("any")
    rows = rows.assign(_wave=rows["wave"].map(position), _main=~main)
    keys = ["_group", "_wave", "construct", "definition", "_main", "horizon"]
    rows = rows.sort_values(keys, kind="stable").drop(columns=["_group", "_wave", "_main"])
    block = settings["association"]
    return pd.concat([rows, _reference(block["smallest_effect"], block["alpha"])], ignore_index=True)


def _reference(smallest: float, alpha: float) -> pd.DataFrame:
    """The reference rows."""
    sizes = list(STUDIES)
    half = [half_width(n, alpha) for n in sizes]
    bound = [smallest_bound(n, alpha) for n in sizes]
    columns = {"kind": "reference", "municipalities": sizes, "smallest_effect": smallest, "r": 0.0,
               "ci95_low": [-x for x in half], "ci95_high": half, "ci90_low": [-x for x in bound], "ci90_high": bound,
               "mde": [smallest_detectable(n, alpha) for n in sizes], "primary": False}  # fmt: skip
    return pd.DataFrame(columns)


def table(numbers: pd.DataFrame, context: Context) -> Table:
    """The primary contrast in a sentence, then a line a horizon under each wave and construct, with the verdict."""
    pick, labels = context.labels.pick, context.labels
    alpha = context.settings["association"]["alpha"]
    wide, narrow = labels.percent_sign(1 - alpha), labels.percent_sign(1 - 2 * alpha)
    heads = (
        {"nb": "Kommuner", "en": "Municipalities"},
        {"nb": "r", "en": "r"},
        {"nb": f"{wide} KI", "en": f"{wide} CI"},
        {"nb": f"{narrow} KI", "en": f"{narrow} CI"},
        {"nb": "p (TOST)", "en": "p (TOST)"},
        {"nb": "Minste påviselige r", "en": "Smallest detectable r"},
        {"nb": f"r uten målefeil [{wide} KI]", "en": f"r without error [{wide} CI]"},
    )
    columns = [*(Column(pick(h)) for h in heads), Column(pick({"nb": "Konklusjon", "en": "Verdict"}), text=True)]
    estimates = numbers[numbers["kind"] == "estimate"]
    main, sentence = estimates["primary"].astype(bool), f"sentence_{context.language}"
    lead = [f"{pick(MAIN)}: {text}" for text in estimates.loc[main, sentence]]
    definition = context.definition(estimates["definition"].iloc[0]) if len(estimates) else ""
    footer = context.footer(numbers, _number(estimates, context), definition, [_note(estimates, context)])
    return Table(
        context.language,
        context.title,
        pick({"nb": "År etter avsluttet program", "en": "Years after leaving"}),
        columns,
        [*_estimates(estimates, context), *_references(numbers[numbers["kind"] == "reference"], context)],
        footer,
        context.stamp,
        lead=lead,
        details=list(estimates.loc[~main, sentence].astype(str)),
        details_head=pick({"nb": "De andre konklusjonene i hele setninger", "en": "The other verdicts in sentences"}),
    )


def _estimates(rows: pd.DataFrame, context: Context) -> list[Row]:
    term, printed = context.labels.term, []
    for (wave, construct), part in rows.groupby(["wave", "construct"], sort=False):
        head = f"{term(f'wave.{wave}', default=wave)}: {term(f'construct.{construct}', default=construct)}"
        printed.append(Row(head, kind="head"))
        # horizons that nothing is known of, for one and the same reason, share a line
        silent = part["r"].isna() & ~part["primary"].astype(bool)
        block = part["verdict"].where(silent, part["horizon"].astype(str))
        for _, same in part.groupby((block != block.shift()).cumsum(), sort=False):
            line, kind = same.iloc[0], "total" if bool(same["primary"].iloc[0]) else "body"
            stub = ", ".join(_stub(one, context) for _, one in same.iterrows())
            printed.append(Row(stub, _cells(line, context), 1, kind))
    return printed


def _references(rows: pd.DataFrame, context: Context) -> list[Row]:
    labels, pick = context.labels, context.labels.pick
    head = {
        "nb": "Til sammenligning: hva en observert korrelasjon på null ville vist",
        "en": "For comparison: what an observed correlation of zero would show",
    }
    printed = [Row(pick(head), kind="head")]
    for _, line in rows.iterrows():
        bound = labels.number(line["ci90_high"], 2)
        shows = {"nb": f"utelukker |r| over {bound}", "en": f"rules out |r| above {bound}"}
        count = int(line["municipalities"])
        stub = {"nb": f"{count} kommuner ({STUDIES[count]})", "en": f"{count} municipalities ({STUDIES[count]})"}
        printed.append(
            Row(
                pick(stub),
                [
                    labels.number(count),
                    labels.number(line["r"], 2),
                    labels.interval(line["ci95_low"], line["ci95_high"], 2),
                    labels.interval(line["ci90_low"], line["ci90_high"], 2),
                    ".",
                    labels.number(line["mde"], 2),
                    ".",
                    pick(shows),
                ],
                1,
            )
        )
    return printed


def _note(rows: pd.DataFrame, context: Context) -> str:
    smallest = context.labels.number(rows["smallest_effect"].iloc[0] if len(rows) else None, 2)
    notes = {
        "nb": f"Minste interessante korrelasjon, fastsatt på forhånd: {smallest}. Hovedresultatet står først og i "
        "halvfet. Minste påviselige r: den minste sanne korrelasjonen som fire av fem undersøkelser med så mange "
        "kommuner ville funnet. p (TOST): prøver om korrelasjonen er mindre enn den minste interessante. Nederst: "
        "regnet for kommuner uten målefeil. Sammenhenger, ikke virkninger.",
        "en": f"Smallest correlation of interest, declared in advance: {smallest}. The primary contrast stands first "
        "and in bold. Smallest detectable r: the smallest true correlation that four of five studies with as many "
        "municipalities would find. p (TOST): tests whether the correlation is smaller than the smallest of interest. "
        "At the bottom: reckoned for municipalities without measurement error. Associations only.",
    }
    return context.labels.pick(notes)


def _number(rows: pd.DataFrame, context: Context) -> str:
    known = rows.loc[rows["municipalities"] > 0, "municipalities"]
    span = context.labels.span(known.min(), known.max()) if len(known) else "0"
    n = {
        "nb": f"{span} kommuner med både svar og resultat",
        "en": f"{span} municipalities with both answers and results",
    }
    return context.labels.pick(n)


def _stub(line: pd.Series, context: Context) -> str:
    text = context.labels.term(f"horizon.{int(line['horizon'])}", default=str(int(line["horizon"])))
    if not pd.isna(line["first_exit_year"]):
        years = context.labels.years(int(line["first_exit_year"]), int(line["last_exit_year"]))
        text += f" ({context.labels.pick({'nb': 'sluttet', 'en': 'left'})} {years})"
    return f"{text}. {context.labels.pick(MAIN)}" if bool(line["primary"]) else text


def _cells(line: pd.Series, context: Context) -> list[str]:
    labels, word = context.labels, str(line["verdict"])
    if pd.isna(line["r"]):
        why = labels.pick({"nb": "Kan ikke beregnes: ", "en": "Cannot be estimated: "}) + reason(word, labels.language)
        return [labels.number(line["municipalities"]), *["."] * 6, why]
    corrected = labels.interval(line["r_disattenuated_low"], line["r_disattenuated_high"], 2)
    return [
        labels.number(line["municipalities"]),
        labels.number(line["r"], 2),
        labels.interval(line["ci95_low"], line["ci95_high"], 2),
        labels.interval(line["ci90_low"], line["ci90_high"], 2),
        labels.p_value(line["p_tost"]),
        labels.number(line["mde"], 2),
        f"{labels.number(line['r_disattenuated'], 2)} {corrected}",
        labels.term(f"verdict.{word}", default=word),
    ]
