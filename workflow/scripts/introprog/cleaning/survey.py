"""Survey answers and frames of every wave as one table each, whatever the instrument.

Staff test answers are dropped (V1), so are responses without one answer (V2) and the same response twice (D1, D2).
Answers that are alike in everything but the response number are only flagged (D3): with a shared link two persons may
answer alike. Don't know, not applicable and unanswered keep their codes; a value that is no answer becomes missing
(R1).
"""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from introprog.cleaning.municipality_codes import to_vintage
from introprog.cleaning.quality import QualityLog
from introprog.cleaning.registers import UNKNOWN_ORIGIN, drop_duplicates
from introprog.codebook import Codebook, Column, Extract, Instrument
from introprog.errors import Problem, nearest
from introprog.person_link import no_keys, survey_keys
from introprog.readers.origin import Origin

BACKGROUND = [
    "wave", "instrument", "response_id", "municipality", "sex", "age_group", "country_group", "schooling",
    "residence_years", "language", "assisted",
]  # fmt: skip
LINK = ("person_id", "consent")
FRAME_KEY = ["wave", "municipality", "sex", "age_group", "country_group"]


def wave_extract(codebook: Codebook, wave: str, instrument: str, person_link: bool = False) -> Extract:
    """The codebook of one wave's answers: the background variables and the items of the instrument as codes.

    The person key and the consent are of it only with ``person_link``; else they are not even read.
    """
    base = codebook.extracts.get(f"survey_{wave}", codebook.extracts["survey_responses"])
    form = codebook.instruments[instrument]
    named = {c.name: c.source for c in base.columns.values() if c.name in form.items}
    left_out = set(named) if person_link else {*named, *LINK}
    background = {source: column for source, column in base.columns.items() if column.name not in left_out}
    items = {
        source: Column(source, name, "code", item.text, values={str(code): str(code) for code in _codes(form, name)})
        for name, item in form.items.items()
        for source in [named.get(name, name)]
    }
    file = base.file.replace("{wave}", wave)
    return replace(base, name=f"survey_{wave}", file=file, columns={**background, **items})


def _codes(form: Instrument, item: str) -> list[int]:
    low, high = form.items[item].scale
    return [*range(low, high + 1), *form.missing]


def unknown_instruments(waves: Mapping[str, Mapping], codebook: Codebook) -> list[Problem]:
    """A problem for each wave of the config whose instrument has no codebook."""
    known = list(codebook.instruments)
    return [
        Problem(f"config.yaml, surveys: waves: {wave}", "C5", f"no codebook of the instrument {spec['instrument']!r}",
                hint=nearest(spec["instrument"], known))
        for wave, spec in waves.items()
        if spec["instrument"] not in known
    ]  # fmt: skip


def clean_wave(
    raw: pd.DataFrame,
    wave: str,
    year: int,
    form: Instrument,
    mapping: pd.DataFrame,
    log: QualityLog,
    origin: Origin = UNKNOWN_ORIGIN,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Answers of one wave: background variables and the items of its instrument as ``Int16``; and its survey keys.

    ``origin`` turns the index of ``raw`` into row numbers.
    """
    table, items = f"survey_{wave}", list(form.items)
    raw = raw.assign(**{name: pd.to_numeric(raw[name]).astype("Int16") for name in items})
    raw = drop_duplicates(raw, ["response_id"], log, table, pd.Series(year, index=raw.index), origin)
    unanswered = [code for code, meaning in form.missing.items() if meaning == "unanswered"]
    staff = raw["mode"].eq("staff").to_numpy(dtype=bool)
    blank = (raw[items].isna() | raw[items].isin(unanswered)).all(axis=1).to_numpy() & ~staff
    for rule, rows in (("V1", staff), ("V2", blank)):
        places = raw.index[rows]
        log.judge(origin.name(table), rule, rows, rows=origin.rows(places))
        log.note(table, rule, [year] * int(rows.sum()), rows=origin.examples(places))
    raw = raw[~staff & ~blank]
    keys = survey_keys(raw, wave) if set(LINK) <= set(raw.columns) else no_keys()
    raw = raw.drop(columns=list(LINK), errors="ignore")
    alike = raw.duplicated([c for c in raw.columns if c != "response_id"]).to_numpy()
    log.note(table, "D3", [year] * int(alike.sum()), rows=origin.examples(raw.index[alike]))
    asked = pd.Series(pd.Timestamp(year, 1, 1), index=raw.index).astype("datetime64[s]")
    raw = raw.assign(asked=asked, wave=wave, instrument=form.name, assisted=raw["mode"].eq("assisted").astype(bool))
    raw["municipality"] = to_vintage(raw, mapping, log, table, "asked", origin=origin)
    return raw[[*BACKGROUND, *items]].reset_index(drop=True), keys.reset_index(drop=True)


def join_waves(waves: list[pd.DataFrame], codebook: Codebook) -> pd.DataFrame:
    """All waves in one table; items of other instruments are missing."""
    items = [name for form in codebook.instruments.values() for name in form.items]
    joined = pd.concat(waves, ignore_index=True) if waves else pd.DataFrame(columns=BACKGROUND)
    joined = joined.reindex(columns=[*BACKGROUND, *items])
    return joined.astype(dict.fromkeys(items, "Int16")).sort_values(["wave", "response_id"], ignore_index=True)


def clean_frame(
    raw: pd.DataFrame,
    wave: str,
    year: int,
    mapping: pd.DataFrame,
    log: QualityLog,
    origin: Origin = UNKNOWN_ORIGIN,
) -> pd.DataFrame:
    """Eligible participants of one wave by municipality, sex, age group and country group."""
    raw = raw.assign(asked=pd.Series(pd.Timestamp(year, 1, 1), index=raw.index).astype("datetime64[s]"), wave=wave)
    raw["municipality"] = to_vintage(raw, mapping, log, f"survey_{wave}_frame", "asked", origin=origin)
    counted = raw.dropna(subset=["municipality"]).groupby(FRAME_KEY)["eligible"].sum()
    return counted.astype("int64").reset_index()
