"""Survey answers to scales: items recoded through the codebook, scores 0-100 where higher is better, and their quality.

Don't know, not applicable and unanswered stay apart and never enter a mean; a score needs half of its items. Scores
are per cent of the possible range (Cohen, Cohen, Aiken & West 1999, doi 10.1207/S15327906MBR3403_2), so that 1-6, 1-4
and 1-3 compare.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from introprog.errors import Problem, raise_if

MISSING = ("dont_know", "not_applicable", "unanswered")


def recode_items(responses: pd.DataFrame, instrument: Mapping) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Values (0-100, float, null unless answered) and state (``answered`` or a missing code's name) of each item.

    Raises ``InputError`` with every item that is absent from ``responses`` and every code outside scale and missing
    codes.
    """
    problems, values, states = [], {}, {}
    where = f"survey_responses, {instrument['instrument']}"
    names = {int(code): name for code, name in instrument["missing"].items()}
    for item, entry in instrument["items"].items():
        if item not in responses:
            problems.append(Problem(f"{where}, {item}", "S5", "the item of the codebook is not in the data"))
            continue
        low, high = entry["scale"]
        code = responses[item].astype("Float64").to_numpy(float, na_value=np.nan)
        valid = (code >= low) & (code <= high)
        state = pd.Series(np.where(valid, "answered", "unanswered"), index=responses.index, dtype="str")
        for number, name in names.items():
            state[code == number] = name
        wrong = ~valid & ~np.isin(code, list(names)) & ~np.isnan(code)
        if wrong.any():
            what, expected = "codes that the codebook does not know", f"{low}-{high} or {', '.join(map(str, names))}"
            problems.append(
                Problem(f"{where}, {item}", "S6", what, expected, count=int(wrong.sum()), values=code[wrong])
            )
        step = np.where(valid, (code - low) / (high - low) * 100, np.nan)
        values[item] = 100 - step if worst_first(entry) else step
        states[item] = state
    raise_if(problems)
    return pd.DataFrame(values, index=responses.index), pd.DataFrame(states, index=responses.index)


def worst_first(entry: Mapping) -> bool:
    """Whether the item's highest code is the least good answer: reversed wording, or 1 yes and 2 no."""
    return bool(entry["reversed"]) or (entry.get("dimension") is None and list(entry["scale"]) == [1, 2])


def members(instrument: Mapping, kind: str) -> dict[str, list[str]]:
    """Items of each ``dimension`` or ``construct`` in the codebook's order."""
    groups: dict[str, list[str]] = {}
    for item, entry in instrument["items"].items():
        if entry.get(kind):
            groups.setdefault(entry[kind], []).append(item)
    return groups


def lead_item(instrument: Mapping, construct: str) -> str:
    """The item that stands for the construct where one ordered answer is needed: ``lead: true``, else its last item."""
    items = members(instrument, "construct")[construct]
    return next((i for i in items if instrument["items"][i].get("lead")), items[-1])


def score(values: pd.DataFrame, items: list[str]) -> pd.Series:
    """Mean of the answered items, null with fewer than half of them answered."""
    chosen = values[items]
    return chosen.mean(axis=1).where(chosen.notna().sum(axis=1) * 2 >= len(items))


def score_responses(values: pd.DataFrame, instrument: Mapping) -> pd.DataFrame:
    """Columns of the contract: dimensions, ``overall``, ``index``, constructs, and their lead item as step and best
    step."""
    dimensions, constructs = members(instrument, "dimension"), members(instrument, "construct")
    clash = sorted(set(dimensions) & set(constructs))
    raise_if([Problem("codebook", "S7", "a dimension and a construct share a name", values=clash)] if clash else [])
    scores = {name: score(values, items) for name, items in dimensions.items()}
    profile = pd.DataFrame(scores)
    scores.setdefault("overall", profile.mean(axis=1))
    scores["index"] = profile.mean(axis=1).where(profile.notna().sum(axis=1) * 2 >= profile.shape[1])
    for name, items in constructs.items():
        lead = lead_item(instrument, name)
        low, high = instrument["items"][lead]["scale"]
        scores[name] = score(values, items)
        scores[f"{name}_level"] = (values[lead] / 100 * (high - low) + 1).round().astype("Int8")
        scores[f"{name}_top"] = (values[lead] == 100).astype("boolean").where(values[lead].notna())
    return pd.DataFrame(scores, index=values.index)


def item_table(values: pd.DataFrame, states: pd.DataFrame, instrument: Mapping) -> pd.DataFrame:
    """One row an item: who was asked, who answered, each kind of missing apart, mean, sd and top-box share, and a
    note."""
    rows = []
    for item in values:
        counts = states[item].value_counts()
        answered = values[item].dropna()
        note = "nobody answered" if answered.empty else "constant" if (answered == answered.iloc[0]).all() else ""
        row = {"item": item, **{k: instrument["items"][item].get(k) or "" for k in ("construct", "dimension")}}
        row |= {"asked": len(values), "answered": len(answered)} | {m: int(counts.get(m, 0)) for m in MISSING}
        row |= {"mean": answered.mean(), "sd": answered.std(), "top_box": (answered == 100).mean(), "note": note}
        rows.append(row)
    return pd.DataFrame(rows)
