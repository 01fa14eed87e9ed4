"""T-F4: no association, or too little data? The verdict of every wave, construct and horizon, with what it rests on."""

from collections.abc import Mapping

import pandas as pd

from introprog.displays.context import Context
from introprog.tables import Column, Row, Table

COLUMNS = [
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


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """The rows of ``verdict.csv``, waves by year, then construct, definition and horizon."""
    rows = inputs["verdict"]
    rows = rows[[c for c in COLUMNS if c in rows]].copy()
    order = {wave: (block["year"], wave) for wave, block in settings["surveys"]["waves"].items()}
    position = {wave: i for i, wave in enumerate(sorted(order, key=order.get))}
    return rows.sort_values(
        ["wave", "construct", "definition", "horizon"],
        key=lambda s: s.map(position) if s.name == "wave" else s,
        ignore_index=True,
    )


def table(numbers: pd.DataFrame, context: Context) -> Table:
    """A line a horizon under each wave and construct, with the verdict in words."""
    pick, labels = context.labels.pick, context.labels
    heads = (
        {"nb": "Kommuner", "en": "Municipalities"},
        {"nb": "r", "en": "r"},
        {"nb": "95 % KI", "en": "95% CI"},
        {"nb": "90 % KI", "en": "90% CI"},
        {"nb": "p (TOST)", "en": "p (TOST)"},
        {"nb": "Minste påviselige r", "en": "Smallest detectable r"},
        {"nb": "r uten målefeil [95 % KI]", "en": "r without error [95% CI]"},
    )
    columns = [*(Column(pick(h)) for h in heads), Column(pick({"nb": "Konklusjon", "en": "Verdict"}), text=True)]
    rows = []
    for (wave, construct), part in numbers.groupby(["wave", "construct"], sort=False):
        rows.append(
            Row(
                f"{labels.term(f'wave.{wave}', default=wave)}: "
                f"{labels.term(f'construct.{construct}', default=construct)}",
                kind="head",
            )
        )
        rows += [
            Row(_stub(line, context), _cells(line, context), 1, "total" if bool(line.get("primary")) else "body")
            for _, line in part.iterrows()
        ]
    smallest = labels.number(numbers["smallest_effect"].iloc[0], 2)
    notes = {
        "nb": f"Minste interessante korrelasjon, fastsatt på forhånd: {smallest}. Hovedresultatet står i halvfet. "
        f"Minste påviselige r: den "
        "minste sanne korrelasjonen som fire av fem undersøkelser med så mange kommuner ville funnet. Sammenhenger, "
        "ikke virkninger.",
        "en": f"Smallest correlation of interest, declared in advance: {smallest}. The primary contrast is in bold. "
        f"Smallest detectable r: the "
        "smallest true correlation that four of five studies with as many municipalities would find. Associations "
        "only.",
    }
    known = numbers.loc[numbers["municipalities"] > 0, "municipalities"]
    span = (labels.number(known.min()), labels.number(known.max())) if len(known) else ("0", "0")
    n = {
        "nb": f"{span[0]} til {span[1]} kommuner med både svar og resultat",
        "en": f"{span[0]} to {span[1]} municipalities with both answers and results",
    }
    definition = context.definition(numbers["definition"].iloc[0]) if len(numbers) else ""
    footer = context.footer(numbers, pick(n), definition, [pick(notes)])
    return Table(
        context.language,
        context.title,
        pick({"nb": "År etter avsluttet program", "en": "Years after leaving"}),
        columns,
        rows,
        footer,
        context.stamp,
    )


def _stub(line: pd.Series, context: Context) -> str:
    text = context.labels.term(f"horizon.{int(line['horizon'])}", default=str(int(line["horizon"])))
    if pd.isna(line["first_exit_year"]):
        return text
    years = context.labels.years(int(line["first_exit_year"]), int(line["last_exit_year"]))
    return f"{text} ({context.labels.pick({'nb': 'sluttet', 'en': 'left'})} {years})"


def _cells(line: pd.Series, context: Context) -> list[str]:
    labels = context.labels
    if pd.isna(line["r"]):
        return [labels.number(line["municipalities"]), *["."] * 6, str(line[f"sentence_{context.language}"])]
    corrected = labels.interval(line["r_disattenuated_low"], line["r_disattenuated_high"], 2)
    return [
        labels.number(line["municipalities"]),
        labels.number(line["r"], 2),
        labels.interval(line["ci95_low"], line["ci95_high"], 2),
        labels.interval(line["ci90_low"], line["ci90_high"], 2),
        labels.p_value(line["p_tost"]),
        labels.number(line["mde"], 2),
        f"{labels.number(line['r_disattenuated'], 2)} {corrected}",
        str(line[f"sentence_{context.language}"]),
    ]
