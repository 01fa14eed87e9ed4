"""The simulator's entry: draw the people and places, then write every raw extract of the contract and the truth."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from introprog.errors import Problem, raise_if
from introprog.simulate import careers, programme_forms, registers, residence
from introprog.simulate.countries import COUNTRIES
from introprog.simulate.faults import Ledger
from introprog.simulate.form_files import paid_years, plant_causes, write_11b, write_nir
from introprog.simulate.months import DATA_END, PROGRAMME_END, stream, year_of
from introprog.simulate.places import Places, municipality_context, simulate_places
from introprog.simulate.population import simulate_persons
from introprog.simulate.survey_keys import participants
from introprog.simulate.surveys import write_surveys
from introprog.simulate.targets import TARGETS, read_targets
from introprog.simulate.writing import dates, decimals, lookup, numbers, text, write_extract

REASONS = ("", "FLYTTET", "UTVANDRET", "DOED")
GROUNDS = ("FLUKT", "FAMILIE", "ANNET")


def simulate_extracts(directory: Path, synthetic: dict, study: dict, targets: Path = TARGETS) -> None:
    """Write all raw extracts (docs/contracts.md, section 1) and ``truth/`` into ``directory``.

    ``synthetic`` is the block of that name in the configuration (scale, seed, true_correlation, quality_sd, climate_sd,
    person_keys, faults); ``study`` gives the years, which must lie inside those that the simulator covers. The same
    arguments give the same bytes. Raises ``InputError`` when the study asks for years or a code list that are not
    simulated.
    """
    _check(study, synthetic)
    directory = Path(directory)
    (directory / "truth").mkdir(parents=True, exist_ok=True)
    seed, scale = int(synthetic["seed"]), float(synthetic["scale"])
    aims = read_targets(targets)
    ledger = Ledger(seed, dict(synthetic["faults"]))
    places = simulate_places(seed, synthetic["true_correlation"], synthetic["quality_sd"], synthetic["climate_sd"])
    persons = simulate_persons(aims, places, scale, seed)
    ids = person_keys(len(persons), seed)
    latent = careers.simulate_latent(persons, places, seed)
    departures = residence.simulate_departures(persons, latent.work, seed)
    transfers = programme_forms.draw_transfers(persons, places, ledger.rates["two_municipalities"], seed)
    ledger.note("two_municipalities", "participations", int(persons["start"].notna().sum()), len(transfers))
    homes = residence.simulate_residence(persons, places, departures, transfers, seed)
    lives = careers.realise(latent, persons, homes.gone, aims)
    parts = plant_causes(
        programme_forms.participations(persons, lives, transfers, homes.gone, aims, ledger.rates, seed), ledger
    )
    ledger.note("restart", "participations", int(persons["exit"].notna().sum()), int((parts["part"] == 2).sum()))
    write_11b(directory, parts, persons, places, ids, paid_years(lives.employed), ledger)
    write_nir(directory, parts, places, ids, ledger)
    _write_persons(directory, persons, homes, places, ids, ledger)
    _write_registers(directory, lives, persons, homes, ids, ledger)
    _write_places(directory, places)
    members = participants(parts, persons, ids) if synthetic.get("person_keys") else None
    write_surveys(directory, places, aims, ledger, members)
    _write_truth(directory / "truth", places, synthetic, ledger)


def _check(study: dict, synthetic: dict) -> None:
    problems = []
    limits = (("first_exit_year", 2005, 2022), ("last_exit_year", 2005, 2022), ("last_observed_year", 2006, 2023))
    for name, low, high in limits:
        if not low <= study[name] <= high:
            problems.append(
                Problem(
                    "config.yaml: study",
                    "simulated_years",
                    f"{name} is {study[name]}",
                    f"{low} to {high} for synthetic data",
                )
            )
    if study["municipality_vintage"] != 2024:
        problems.append(
            Problem("config.yaml: study", "simulated_vintage", "municipality_vintage is not simulated", "2024")
        )
    if not abs(synthetic["true_correlation"]) <= 1:
        problems.append(Problem("config.yaml: synthetic", "range", "true_correlation is no correlation", "-1 to 1"))
    if not synthetic["scale"] > 0:
        problems.append(Problem("config.yaml: synthetic", "range", "scale must be above 0", "1.0 is the national size"))
    raise_if(problems)


def person_keys(n: int, seed: int) -> np.ndarray:
    """Ten-digit text keys in no order that tells anything, some with leading zeros, in ascending order by position."""
    drawn = np.unique(stream(seed, "keys").integers(10**6, 10**10, int(n * 1.2) + 50))
    kept = np.sort(stream(seed, "kept keys").permutation(drawn)[:n])
    return stream(seed, "key order").permutation(np.char.zfill(kept.astype("U10"), 10))


def _write_persons(
    directory: Path, persons: pd.DataFrame, homes: residence.Residence, places: Places, ids: np.ndarray, ledger: Ledger
) -> None:
    birth = persons["birth"].to_numpy("datetime64[M]").astype(np.int64) + 1970 * 12
    year, month = birth // 12, birth % 12 + 1
    inside = persons["start"].notna().to_numpy()
    hit = ledger.pick("illegal_age", "demografi", int(inside.sum()))
    started = year_of(persons["start"].to_numpy("datetime64[D]"))[inside][hit]
    wrong = np.flatnonzero(inside)[hit]
    year[wrong] = np.where(np.arange(len(hit)) % 2 == 0, started - 9, started - 82)
    order = np.argsort(ids, kind="stable")
    columns = {
        "lopenr": pa.array(ids[order]),
        "foedsels_aar_mnd": numbers((year * 100 + month)[order]),
        "kjoenn": numbers(persons["sex"].to_numpy()[order] + 1),
        "fodeland": lookup(COUNTRIES["code"], persons["country"].to_numpy()[order]),
        "landnavn": lookup(COUNTRIES["name"], persons["country"].to_numpy()[order]),
        "invgrunn": lookup(GROUNDS, persons["ground"].to_numpy()[order]),
        "bosettingsdato": dates(persons["settled"].to_numpy("datetime64[D]")[order]),
        "doedsdato": dates(registers.registered_death(homes.died)[order]),
    }
    write_extract(directory / "demografi.csv", columns, "latin-1")
    _write_homes(directory, homes.spells, places, ids, ledger)


def _write_homes(directory: Path, spells: pd.DataFrame, places: Places, ids: np.ndarray, ledger: Ledger) -> None:
    start = spells["from"].to_numpy("datetime64[D]")
    code, older = places.codes(spells["atom"].to_numpy(), start), places.earlier_codes(spells["atom"].to_numpy(), start)
    hit = ledger.pick("retired_code", "bosted", len(spells), code != older)
    code[hit] = older[hit]
    code[ledger.pick("illegal_code", "bosted", len(spells))] = "9999"
    person = spells["person"].to_numpy()
    order = np.lexsort((start, ids[person]))
    columns = {
        "lopenr": pa.array(ids[person][order]),
        "kommnr": text(code[order]),
        "fra_dato": dates(start[order]),
        "til_dato": dates(spells["to"].to_numpy("datetime64[D]")[order]),
        "sluttarsak": text(np.array(REASONS)[spells["reason"]][order]),
    }
    write_extract(directory / "bosted.csv", columns)


def _write_registers(
    directory: Path,
    lives: careers.Careers,
    persons: pd.DataFrame,
    homes: residence.Residence,
    ids: np.ndarray,
    ledger: Ledger,
) -> None:
    seed = ledger.seed
    jobs = registers.job_months(lives, persons, seed)
    registers.write_employment(directory, jobs, ids, seed)
    registers.write_nav(directory, lives, ids, seed)
    courses = registers.course_spells(lives, persons, homes.gone, seed)
    levels = registers.schooling_rows(persons, courses, seed)
    courses = courses.iloc[ledger.duplicated("utdanning_kurs", len(courses))]
    write_extract(
        directory / "utdanning_kurs.csv",
        {
            "lopenr": lookup(ids, courses["person"]),
            "nus2000": text(courses["nus"]),
            "fra_dato": dates(courses["from"]),
            "til_dato": dates(courses["to"]),
        },
    )
    columns = {"lopenr": lookup(ids, levels["person"]), "bu": text(levels["bu"]), "gjelder_fra": dates(levels["from"])}
    write_extract(directory / "utdanning_niva.csv", columns)
    income = registers.yearly_income(lives, jobs, persons, homes.gone, seed)
    income = income.iloc[ledger.duplicated("inntekt", len(income))]
    columns = {
        "lopenr": lookup(ids, income["person"]),
        "aar": numbers(income["year"]),
        "wyrkinnt": numbers(income["pay"]),
    }
    columns |= {"sosialhjelp_mnd": numbers(income["months"]), "sosialhjelp_belop": numbers(income["amount"])}
    write_extract(directory / "inntekt.csv", columns)


def _write_places(directory: Path, places: Places) -> None:
    rows = municipality_context(places)
    columns = {c: decimals(rows[c]) if c == "arbeidsledighet" else text(rows[c].astype(str)) for c in rows}
    write_extract(directory / "kommuner.csv", columns)
    changes = places.changes
    columns = {c: decimals(changes[c], 4) if c == "andel" else text(changes[c]) for c in changes}
    write_extract(directory / "kommune_endringer.csv", columns)


def _write_truth(directory: Path, places: Places, synthetic: dict, ledger: Ledger) -> None:
    columns = ["municipality", "quality", "climate", "size_weight", "work_first"]
    truth = places.units[columns].sort_values("municipality")
    truth.to_csv(
        directory / "municipality.csv", index=False, lineterminator="\n", float_format="%.10g", encoding="utf-8"
    )
    settings = {
        **{name: synthetic[name] for name in ("true_correlation", "quality_sd", "climate_sd", "seed", "scale")},
        "fault_rates": ledger.rates,
        "planted": ledger.planted,
        "programme_data_end": str(PROGRAMME_END),
        "data_end": str(DATA_END),
    }
    (directory / "settings.json").write_text(json.dumps(settings, indent=1, sort_keys=True) + "\n", encoding="utf-8")
