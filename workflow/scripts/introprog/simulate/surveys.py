"""User surveys: who is recruited, how they answer, and the frame they come from.

Answers come from a participant population of their own: surveys cannot be linked with the registers by person, so their
size is the published one at any ``scale``. Every item is an ordered cut of a latent answer made of the municipality's
climate, the person, the item's dimension, the language's answering habit and noise; the cuts give the published shares.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from introprog.simulate.countries import COUNTRIES, country_shares
from introprog.simulate.faults import Ledger
from introprog.simulate.months import new_year, stream
from introprog.simulate.places import Places
from introprog.simulate.survey_items import IMDI_ITEMS, KS_ITEMS, Item, write_sav
from introprog.simulate.survey_keys import with_keys
from introprog.simulate.targets import SEXES, Targets
from introprog.simulate.writing import numbers, text, write_extract

LANGUAGES = ("ar", "ti", "so", "en", "fa", "no", "ru", "sw", "my", "uk", "tr")
GROUP_LANGUAGES = {
    1: [0.15, 0.42, 0.20, 0.08, 0.00, 0.15], 2: [0.02, 0, 0, 0.28, 0, 0.20, 0, 0.50], 3: [0.80, 0, 0, 0.06, 0, 0.14],
    4: [0.20, 0, 0, 0.15, 0.40, 0.12, 0, 0, 0.08, 0, 0.05], 5: [0, 0, 0, 0.15, 0, 0.2, 0.35, 0, 0, 0.30],
    6: [0, 0, 0, 0.6, 0, 0.4],
}  # fmt: skip
HABIT = dict(zip(LANGUAGES, (0.10, 0.20, 0.18, -0.10, 0.12, -0.22, -0.15, 0.15, 0.10, -0.05, 0.0), strict=True))
MODES = ("selv", "hjelp", "ansatt")
SMALLEST_NETWORK = 45


@dataclass(frozen=True)
class Wave:
    """One wave: its year and field period, how many participants there are, municipalities asked and answers."""

    name: str
    year: int
    opened: str
    days: int
    eligible: int
    registered: int
    municipalities: int
    answers: int
    items: tuple[Item, ...]


WAVES = (
    Wave("ks_2015", 2015, "2015-09-14", 60, 15_500, 33, 33, 1_100, KS_ITEMS),
    Wave("imdi_2020", 2020, "2020-11-30", 62, 9_640, 180, 150, 2_700, IMDI_ITEMS),
    Wave("imdi_2021", 2021, "2021-10-21", 100, 7_480, 150, 129, 2_245, IMDI_ITEMS),
)


def write_surveys(
    directory: Path, places: Places, targets: Targets, ledger: Ledger, members: pd.DataFrame | None = None
) -> int:
    """Write answers (``.csv`` and ``.sav``) and frame of every wave; returns the number of answers.

    With ``members`` (``survey_keys.participants``) the answers carry a person key and a consent.
    """
    total = 0
    for wave in WAVES:
        rng = stream(ledger.seed, wave.name)
        people = _participants(wave, places, targets, rng)
        chosen = _recruited(wave, people, places, rng)
        frame = (
            people[people["registered"]].groupby(["kommunenr", "kjonn", "alder5", "landgruppe"], as_index=False).size()
        )
        columns = {
            "kommunenr": text(frame["kommunenr"]),
            **{c: numbers(frame[c]) for c in ("kjonn", "alder5", "landgruppe")},
        }
        write_extract(directory / f"survey_{wave.name}_frame.csv", columns | {"antall": numbers(frame["size"])})
        answers = _answers(wave, people.iloc[chosen].reset_index(drop=True), ledger, rng)
        if members is not None:
            answers = with_keys(answers, wave.name, wave.opened, members, places, ledger.seed)
        shown = {c: text(answers[c]) if answers[c].dtype.kind not in "iu" else numbers(answers[c]) for c in answers}
        total += write_extract(directory / f"survey_{wave.name}.csv", shown)
        write_sav(answers, directory / f"survey_{wave.name}.sav", wave.items)
    return total


def _participants(wave: Wave, places: Places, targets: Targets, rng: np.random.Generator) -> pd.DataFrame:
    """The eligible: municipality (code of the wave's year and its main unit), sex, age, country group, traits."""
    n, weight = wave.eligible, places.units["size_weight"].to_numpy() * (places.units["active_from"] <= wave.year)
    unit = rng.choice(len(weight), n, p=weight / weight.sum())
    first = np.searchsorted(places.atoms["unit"].to_numpy(), unit)
    pieces = np.bincount(places.atoms["unit"])[unit]
    atom = first + (rng.random(n) * pieces).astype(int)
    country = rng.choice(len(COUNTRIES), n, p=country_shares(targets.countries.loc[wave.year - 1]))
    women = targets.flows["starts"].xs("women", level="sex").loc[wave.year - 2 : wave.year - 1].sum()
    both = targets.flows["starts"].groupby("year").sum().loc[wave.year - 2 : wave.year - 1].sum()
    sex = (rng.random(n) < women / both).astype(int)
    ages = np.stack([targets.ages.loc[(wave.year - 1, s)].to_numpy() for s in SEXES]).cumsum(axis=1)
    schooling = np.searchsorted([0.25, 0.95], COUNTRIES["school_shift"].to_numpy()[country] + rng.standard_normal(n))
    group = COUNTRIES["group"].to_numpy()[country]
    tongues = np.array([np.pad(GROUP_LANGUAGES[g], (0, len(LANGUAGES) - len(GROUP_LANGUAGES[g]))) for g in range(1, 7)])
    spoken = (rng.random(n)[:, None] > tongues.cumsum(axis=1)[group - 1]).sum(axis=1).clip(0, len(LANGUAGES) - 1)
    people = pd.DataFrame(
        {
            "kommunenr": places.codes(atom, np.repeat(new_year(wave.year), n)),
            "unit": unit,
            "kjonn": sex + 1,
            "alder5": 1 + (rng.random(n)[:, None] > ages[sex]).sum(axis=1).clip(0, 4),
            "landgruppe": group,
            "utd4": np.where(rng.random(n) < 0.06, 9, schooling + 1),
            "botid": np.minimum(rng.integers(0, 4, n) + (rng.random(n) < 0.1), 9),
            "spraak": np.array(LANGUAGES)[spoken],
        }
    )
    main = people.groupby("kommunenr")["unit"].agg(lambda u: u.mode().iloc[0])
    people["climate"] = places.units["climate"].to_numpy()[people["kommunenr"].map(main)]
    habit = people["spraak"].map(HABIT).to_numpy(float)
    people["view"] = people["climate"] + habit + rng.standard_normal(n)
    return people


def _recruited(wave: Wave, people: pd.DataFrame, places: Places, rng: np.random.Generator) -> np.ndarray:
    """Which rows of ``people`` answer. Large and content municipalities register; content participants answer more."""
    by = people.groupby("kommunenr").agg(size=("view", "size"), climate=("climate", "first"))
    wish = np.log(by["size"]) * 0.9 + 0.8 * by["climate"] + rng.gumbel(0, 0.6, len(by))
    if wave.registered == wave.municipalities:
        wish = wish.where(by["size"] >= SMALLEST_NETWORK, -99)
    order = by.index[np.argsort(-wish.to_numpy(), kind="stable")]
    people["registered"] = people["kommunenr"].isin(order[: wave.registered])
    effort = pd.Series(np.exp(rng.normal(0, 0.45, len(by))), index=by.index)
    able = people["kommunenr"].isin(order[: wave.municipalities]).to_numpy()
    size = people["kommunenr"].map(by["size"]).to_numpy(float)
    appeal = effort[people["kommunenr"]].to_numpy() * np.exp(0.20 * people["view"]) * size**-0.35
    keys = np.where(able, rng.exponential(1, len(people)) / appeal, np.inf)
    order_within = pd.Series(keys).groupby(people["kommunenr"].to_numpy()).rank(method="first")
    keys = np.where(able & (order_within <= 1), -1, keys)
    return np.sort(np.argsort(keys, kind="stable")[: min(wave.answers, int(able.sum()))])


def _answers(wave: Wave, people: pd.DataFrame, ledger: Ledger, rng: np.random.Generator) -> pd.DataFrame:
    n = len(people)
    opened = np.datetime64(wave.opened, "s") + rng.integers(0, wave.days * 86_400, n)
    mode = np.where(rng.random(n) < np.where(people["utd4"] == 1, 0.38, 0.16), 1, 0)
    staff = ledger.pick("staff_answer", f"survey_{wave.name}", n)
    mode[staff] = 2
    minutes = np.where(mode == 2, rng.integers(40, 110, n), rng.integers(240, 1500, n))
    order = np.argsort(opened, kind="stable")
    code = people["kommunenr"].to_numpy().astype("U4")
    bad = ledger.pick("illegal_code", f"survey_{wave.name}", n)
    code[bad] = "9999"
    front = pd.DataFrame(
        {
            "resp_id": np.char.zfill((1 + np.arange(n)).astype("U6"), 6),
            "kommune_nr": code[order],
            "aar": np.full(n, wave.year),
            "runde": np.full(n, {"ks_2015": 1, "imdi_2020": 1, "imdi_2021": 2}[wave.name]),
            "spraak": people["spraak"].to_numpy()[order],
            "modus": np.array(MODES)[mode[order]],
            **{c: people[c].to_numpy()[order] for c in ("kjonn", "alder5", "botid", "utd4", "landgruppe")},
            "startet": np.datetime_as_string(opened[order]),
            "levert": np.datetime_as_string((opened + minutes)[order]),
        }
    )
    shares = _item_answers(wave.items, people["view"].to_numpy(), people["utd4"].to_numpy(), rng)
    for item in wave.items:
        shares[item.name][staff] = item.best
    return pd.concat([front, pd.DataFrame({name: values[order] for name, values in shares.items()})], axis=1)


def _item_answers(
    items: tuple[Item, ...], view: np.ndarray, schooling: np.ndarray, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Latent answers cut where the wanted shares lie; then don't know, not applicable and unanswered, kept apart."""
    n = len(view)
    dimensions = {item.dimension: rng.standard_normal(n) for item in items}
    general = (view - view.mean()) / view.std()
    careless = 0.02 + 0.03 * (schooling == 1)
    answers = {}
    for item in items:
        latent = 0.68 * general + 0.42 * dimensions[item.dimension] + 0.60 * rng.standard_normal(n)
        cuts = np.quantile(latent, np.cumsum(item.shares)[:-1])
        step = np.searchsorted(cuts, latent) + 1
        values = len(item.shares) + 1 - step if item.reversed else step
        draw = rng.random(n)
        lost = [
            draw < item.unknown,
            draw < item.unknown + item.not_applicable,
            draw < item.unknown + item.not_applicable + careless,
        ]
        answers[item.name] = np.select(lost, [97, 98, 99], values).astype(np.int64)
    return answers
