"""Score a wave from its codebook and describe how well its scales measure."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from introprog import reliability, scales
from introprog.errors import Problem, raise_if
from introprog.estimable import NotEstimable
from introprog.polychoric import omega_categorical
from introprog.weights import rake

MARGINS = ("sex", "age_group", "country_group")
PERSON = (
    "wave instrument response_id municipality sex age_group country_group schooling residence_years language assisted"
)


def score_waves(
    responses: pd.DataFrame, frame: pd.DataFrame, instruments: Mapping[str, Mapping], margins: Sequence[str] = MARGINS
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Scores of every response (contract ``scales.parquet``), measurement table and item table of every wave.

    ``responses`` and ``frame`` are the clean tables, ``instruments`` the codebooks by instrument name. Each wave is
    raked to its own frame, restricted to the municipalities that have answers: the weights repair who answered there,
    not which municipalities took part. Raises ``InputError`` for all faults of one wave at once.
    """
    unknown = sorted(set(responses["instrument"]) - set(instruments))
    hint = "add data/codebook/survey_<instrument>.yaml"
    raise_if(
        [Problem("survey_responses, instrument", "S8", "no codebook", hint=hint, values=unknown)] if unknown else []
    )
    scored, measured, items = [], [], []
    for wave, part in responses.groupby("wave", sort=True):
        part = part.reset_index(drop=True)
        instrument = instruments[part["instrument"].iloc[0]]
        values, states = scales.recode_items(part, instrument)
        own = frame[(frame["wave"] == wave) & frame["municipality"].isin(part["municipality"])]
        raked = rake(part, own, margins, where=f"survey_{wave}_frame")
        person = part[PERSON.split()].assign(weight=raked.weights)
        scores = pd.concat([person, scales.score_responses(values, instrument), values.add_prefix("item_")], axis=1)
        scored.append(scores)
        measured.append(measure(scores, values, instrument, raked.design_effect).assign(wave=wave))
        items.append(scales.item_table(values, states, instrument).assign(wave=wave))
    first = ["wave", "instrument"]
    quality = pd.concat(measured, ignore_index=True).sort_values(["wave", "construct"], ignore_index=True)
    table = pd.concat(items, ignore_index=True)
    return (
        pd.concat(scored, ignore_index=True),
        quality[first + [c for c in quality if c not in first]],
        table[["wave", *(c for c in table if c != "wave")]],
    )


def measure(scores: pd.DataFrame, values: pd.DataFrame, instrument: Mapping, kish: float) -> pd.DataFrame:
    """One row a construct, a dimension, and the index: n, weighted mean, sd, top box, alpha, omegas, ICCs, design
    effect.

    What the data do not allow is empty and named in ``method``. The design effect is that of the weights times that of
    clustering, 1 + (mean size - 1) ICC(1) (Gabler, Häder & Lahiri 1999), and ``effective_n`` is n divided by it.
    """
    groups = scales.members(instrument, "construct") | scales.members(instrument, "dimension")
    groups["index"] = [i for items in scales.members(instrument, "dimension").values() for i in items]
    return pd.DataFrame(
        [
            {"instrument": instrument["instrument"], **_quality(scores, values, name, items, kish)}
            for name, items in groups.items()
        ]
    )


def _quality(scores: pd.DataFrame, values: pd.DataFrame, name: str, items: list[str], kish: float) -> dict:
    kept = scores[name].notna()
    number, weight = scores.loc[kept, name].to_numpy(float), scores.loc[kept, "weight"].to_numpy(float)
    towns = scores.loc[kept, "municipality"].to_numpy()
    row = {"construct": name, "items": len(items), "n": len(number), "municipalities": pd.Series(towns).nunique()}
    notes = []

    def attempt(what, function, *arguments):
        try:
            return function(*arguments)
        except NotEstimable as reason:
            notes.append(f"{what} {reason.method}")
            return None

    mean = np.average(number, weights=weight) if len(number) else np.nan
    sd = np.sqrt(np.average((number - mean) ** 2, weights=weight)) if len(number) else np.nan
    top = scores.get(f"{name}_top", pd.Series(np.nan, index=scores.index)).astype("Float64")
    answered = top.notna()
    row |= {"mean": mean, "sd": sd}
    row["top_box"] = (
        np.average(top[answered].astype(float), weights=scores.loc[answered, "weight"]) if answered.any() else np.nan
    )
    row["alpha"] = attempt("alpha", reliability.cronbach_alpha, values[items])
    row["omega"] = attempt("omega", reliability.omega_total, values[items])
    row["omega_categorical"] = attempt("categorical omega", omega_categorical, values[items])
    placed = pd.notna(towns)
    within = attempt("ICC", reliability.intraclass, number[placed], towns[placed])
    effect = kish * (1 + (within.size - 1) * within.icc1) if within else np.nan
    row |= {"icc1": within.icc1 if within else np.nan, "icc2": within.icc2 if within else np.nan}
    row |= {
        "design_effect_weights": kish,
        "design_effect": effect,
        "effective_n": len(number) / effect if within else np.nan,
    }
    return row | {
        "method": "; ".join(notes)
        or "alpha, omega (one factor, ML), categorical omega (polychoric, ULS), ICC by analysis of variance"
    }
