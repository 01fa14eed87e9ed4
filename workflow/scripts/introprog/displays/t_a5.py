"""T-A5: sample flow from raw rows to persons observed in November the year after, every step with its reason."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from introprog.disclosure import hide
from introprog.displays.context import Context
from introprog.tables import Column, Row, Table

UNITS = {
    "rows": {"nb": "Rader", "en": "Rows"},
    "spells": {"nb": "Programmer", "en": "Programmes"},
    "persons": {"nb": "Personer", "en": "Persons"},
}
DROPPED = "dropped_"
STEPS = {
    "raw_rows": {"nb": "Rader i de to deltakerregistrene", "en": "Rows in the two participant registers"},
    "one_row_a_programme": {"nb": "Samlet til én rad per program", "en": "Joined to one row a programme"},
    "programmes": {"nb": "Programmer", "en": "Programmes"},
    "has_end_date": {"nb": "Har sluttdato", "en": "Has an end date"},
    "exit_year_in_study": {"nb": "Avsluttet i studieperioden", "en": "Ended in the study period"},
    "known_person": {"nb": "Personen finnes i demografifilen", "en": "The person is in the demography file"},
    "age_in_range": {"nb": "Alder ved start innenfor grensene", "en": "Age at the start within the limits"},
    "not_transferred": {"nb": "Ikke overført til en annen kommune", "en": "Not transferred to another municipality"},
    "first_leaving": {"nb": "Første avslutning i perioden", "en": "First leaving in the period"},
    "leavers": {"nb": "Tidligere deltakere", "en": "Former participants"},
    "h1_within_data": {
        "nb": "November året etter er innenfor dataene",
        "en": "November the year after lies within the data",
    },
    "h1_alive": {"nb": "I live i november året etter", "en": "Alive in November the year after"},
    "h1_not_emigrated": {"nb": "Ikke utvandret", "en": "Not emigrated"},
    "h1_observed": {
        "nb": "Bosatt i november året etter, med status",
        "en": "Resident in November the year after, with a status",
    },
}


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a step: ``step, criterion, unit``, why a rule drops rows, ``n_in, excluded, n_out``.

    Small exclusions are hidden with a neighbour.
    """
    flow = inputs["flow"].sort_values("step", ignore_index=True)
    hidden = hidden_steps(flow, settings["disclosure"]["threshold"])
    result = flow[["step", "criterion", "unit"]].copy()
    rules = flow["criterion"].where(flow["criterion"].str.startswith(DROPPED)).str.removeprefix(DROPPED)
    for language in ("nb", "en"):
        result[f"reason_{language}"] = [_reason(rule, inputs["rules"]["rules"], language) for rule in rules]
    for column in ("n_in", "excluded", "n_out"):
        result[column] = flow[column].astype("Int64").mask(hidden[column])
    return result.assign(suppressed=hidden.any(axis=1))


def _reason(rule: object, rules: Mapping, language: str) -> str:
    """Why a rule drops rows; empty for a step that is no rule's."""
    return rules[rule]["reason"][language] if rule in rules else ""


def hidden_steps(flow: pd.DataFrame, threshold: int) -> pd.DataFrame:
    """Cells to hide; n_out of a step and n_in of the next are one and the same count, and rows are no persons."""
    counts, lines, position = [], [], {}
    for i, step in flow.iterrows():
        follows = i > 0 and flow.loc[i - 1, "unit"] == step["unit"]
        position[i, "n_in"] = position[i - 1, "n_out"] if follows else len(counts)
        counts += [] if follows else [step["n_in"]]
        for column in ("excluded", "n_out"):
            position[i, column] = len(counts)
            counts.append(step[column])
        lines.append((position[i, "n_in"], np.array([position[i, "excluded"], position[i, "n_out"]])))
    values = np.array(counts, dtype=float)
    shown = {position[i, c] for i in flow.index[flow["unit"] == "rows"] for c in ("n_in", "excluded", "n_out")}
    values[sorted(shown)] = np.where(values[sorted(shown)] < threshold, 0, values[sorted(shown)])
    # where a step changes nothing its input and output are the same count, and hide together
    mask = hide(values, lines, threshold, np.zeros(len(values), dtype=bool))
    return pd.DataFrame(
        {c: [mask[position[i, c]] for i in flow.index] for c in ("n_in", "excluded", "n_out")}, index=flow.index
    )


def table(numbers: pd.DataFrame, context: Context) -> Table:
    """Steps under a heading a unit: counted in, left out, left over."""
    pick, number = context.labels.pick, context.labels.number
    heads = ({"nb": "Inn", "en": "In"}, {"nb": "Tatt ut", "en": "Left out"}, {"nb": "Igjen", "en": "Left"})
    rows, unit = [], None
    for _, step in numbers.iterrows():
        if step["unit"] != unit:
            unit = step["unit"]
            rows.append(Row(pick(UNITS[unit]), kind="head"))
        cells = [
            ":" if pd.isna(step[c]) else "-" if step[c] == 0 and c == "excluded" else number(step[c])
            for c in ("n_in", "excluded", "n_out")
        ]
        rows.append(Row(_label(step, context), cells, 1))
    return Table(
        context.language,
        context.title,
        pick({"nb": "Trinn", "en": "Step"}),
        [Column(pick(h)) for h in heads],
        rows,
        footer(numbers, context),
        context.stamp,
    )


def footer(numbers: pd.DataFrame, context: Context) -> list[str]:
    """The lines under the table, and under the diagram of the same numbers (F-A5)."""
    pick, number = context.labels.pick, context.labels.number
    last = numbers["n_out"].iloc[-1]
    n = {"nb": f"{number(last)} observerte tidligere deltakere", "en": f"{number(last)} observed former participants"}
    definition = {
        "nb": "hvert trinn teller bare dem som er igjen etter trinnet før; der enheten skifter, begynner tellingen "
        "på nytt",
        "en": "each step counts only what is left after the step before; where the unit changes, the count starts anew",
    }
    return context.footer(numbers, pick(n), pick(definition))


def _label(step: pd.Series, context: Context) -> str:
    criterion = step["criterion"]
    if criterion.startswith(DROPPED):
        rule = criterion.removeprefix(DROPPED)
        why = step[f"reason_{context.language}"]
        words = {"nb": f"Ikke forkastet etter regel {rule}", "en": f"Not dropped under rule {rule}"}
        return context.labels.pick(words) + (f" ({why})" if isinstance(why, str) and why else "")
    return context.labels.pick(STEPS[criterion]) if criterion in STEPS else criterion.replace("_", " ")
