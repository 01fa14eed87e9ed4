"""Writing the programme forms: the 111 characters of form 11B, and the national register's two files."""

from pathlib import Path

import numpy as np
import pandas as pd

from introprog.simulate import programme_forms as forms
from introprog.simulate.faults import Ledger
from introprog.simulate.months import PROGRAMME_END, new_year, stream, year_of
from introprog.simulate.places import Places
from introprog.simulate.writing import dates, decimals, lookup, numbers, text, write_extract

ON_LEAVE = 0.07
FORM_YEARS = range(2004, forms.LAST_11B + 1)
BASIC_AMOUNT = {2004: 58139, 2005: 60059, 2006: 62161, 2007: 65505, 2008: 69108, 2009: 72006, 2010: 74721, 2011: 78024,
                2012: 81153, 2013: 84204, 2014: 87328, 2015: 89502, 2016: 91740}  # fmt: skip
CAUSE_NAMES = np.array(list(forms.CAUSE))


def plant_causes(rows: pd.DataFrame, ledger: Ledger) -> pd.DataFrame:
    """Lose some end causes, and let the register close some participations by itself."""
    cause = rows["cause"].to_numpy().copy()
    ended = (cause >= 0) & (cause != forms.CAUSE["moved"]) & rows["end"].notna().to_numpy()
    closed = ended & (year_of(rows["end"].to_numpy("datetime64[D]")) >= forms.FIRST_NIR)
    for fault, name, able in (("auto_closed", "auto_closed", closed), ("missing_end_cause", "missing", ended)):
        number = np.flatnonzero(able & (cause != forms.CAUSE["auto_closed"]))
        cause[number[ledger.pick(fault, "participations", len(number))]] = forms.CAUSE[name]
    return rows.assign(cause=cause)


def _digits(values: np.ndarray, width: int) -> np.ndarray:
    """Whole numbers as zero-filled bytes, one column a digit."""
    powers = 10 ** np.arange(width - 1, -1, -1)
    return (np.asarray(values, np.int64)[:, None] // powers % 10 + ord("0")).astype(np.uint8)


def _letters(values: np.ndarray, width: int) -> np.ndarray:
    """Left-aligned text as blank-filled bytes."""
    cells = np.asarray(values).astype(f"S{width}")
    raw = np.frombuffer(cells.tobytes(), np.uint8).reshape(len(cells), width)
    return np.where(raw == 0, ord(" "), raw).astype(np.uint8)


def _short_dates(values: np.ndarray) -> np.ndarray:
    """DDMMYY bytes; not a time gives blanks."""
    missing = np.isnat(values)
    known = np.where(missing, np.datetime64("2000-01-01"), values)
    day = (known - known.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64) + 1
    month = known.astype("datetime64[M]").astype(np.int64) % 12 + 1
    packed = _digits(day * 10_000 + month * 100 + year_of(known) % 100, 6)
    packed[missing] = ord(" ")
    return packed


def write_11b(
    directory: Path,
    rows: pd.DataFrame,
    persons: pd.DataFrame,
    places: Places,
    ids: np.ndarray,
    works: np.ndarray,
    ledger: Ledger,
) -> int:
    """One file a year 2004-2016, latin-1, CRLF; ``works`` says who is paid in each year (persons x years from 2003)."""
    lines = forms.form_rows(rows)
    part = rows.iloc[lines["row"]].reset_index(drop=True)
    year, person = lines["year"].to_numpy(), part["person"].to_numpy()
    rng = stream(ledger.seed, "11b")
    n = len(lines)
    duf = np.where(rng.random(len(persons)) < 0.9, rng.integers(0, 10**10, len(persons)) + 2 * 10**11, 0)[person]
    journal = np.char.add("J", np.char.zfill((lines["row"].to_numpy() % 10**7).astype("U7"), 7))
    start, end = _form_dates(lines, part, ledger, rng)
    code = _form_codes(part["atom"].to_numpy(), year, places, ledger)
    civil, measures, status = _form_answers(rows, lines, part, ledger, rng)
    paid, amount = _benefits(lines, year_of(persons["birth"].to_numpy("datetime64[D]"))[person], rng)
    fields = [
        _letters(code, 4), _digits(year % 100, 2), _digits(np.zeros(n), 4),
        _letters(journal, 8), _letters(ids[person], 11),
        np.where((duf > 0)[:, None], _digits(duf, 12), ord(" ")).astype(np.uint8),
        _digits(persons["sex"].to_numpy()[person] + 1, 1), _digits(civil, 1), _short_dates(start),
        _digits(np.where(works[person, year - 2003], 1, 2), 1), measures, _letters(status, 2), _short_dates(end),
        np.where(np.repeat(paid, 2, axis=1), _digits(np.arange(12) + 1, 2).ravel(), ord("0")).astype(np.uint8),
        _digits(amount, 7), np.tile(np.frombuffer(b"\r\n", np.uint8), (n, 1)),
    ]  # fmt: skip
    block = np.concatenate(fields, axis=1)
    order = np.lexsort((person, code, year))
    written = 0
    for y in FORM_YEARS:
        chosen = order[year[order] == y]
        chosen = chosen[ledger.duplicated(f"kostra_11b_{y}", len(chosen))]
        (directory / f"kostra_11b_{y}.txt").write_bytes(block[chosen].tobytes())
        written += len(chosen)
    return written


def _form_codes(atom: np.ndarray, year: np.ndarray, places: Places, ledger: Ledger) -> np.ndarray:
    code, older = places.codes(atom, new_year(year)), places.earlier_codes(atom, new_year(year))
    hit = ledger.pick("retired_code", "kostra_11b", len(atom), older != code)
    code[hit] = older[hit]
    return code


def _form_dates(
    lines: pd.DataFrame, part: pd.DataFrame, ledger: Ledger, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    start = part["start"].to_numpy("datetime64[D]").copy()
    end = np.where(lines["ended"], part["end"].to_numpy("datetime64[D]"), np.datetime64("NaT", "D"))
    wrong = ledger.pick("end_before_start", "kostra_11b", len(lines), lines["ended"].to_numpy())
    start[wrong] = end[wrong] + rng.integers(5, 400, len(wrong))
    return start, end


def _form_answers(
    rows: pd.DataFrame, lines: pd.DataFrame, part: pd.DataFrame, ledger: Ledger, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Civil status, measures and status at the end of the year, some with a code that does not exist."""
    civil = np.where(rng.random(int(rows["person"].max()) + 1) < 0.45, 2, 1)[part["person"]]
    measures = _measure_slots(forms.measures_of(rows, ledger.seed)[lines["row"]], lines["year"].to_numpy())
    cause = np.where(lines["ended"], part["cause"], -1)
    status = np.array([*(forms.STATUS_11B[c] for c in CAUSE_NAMES), "06"])[cause]
    bad = ledger.pick("illegal_code", "kostra_11b", len(lines))
    civil[bad[0::3]], status[bad[1::3]] = 9, "12"
    measures[bad[2::3], 8:10] = np.frombuffer(b"05", np.uint8)
    return civil, measures, status


def _benefits(lines: pd.DataFrame, born: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Months with benefit (rows x 12; some have a leave) and the sum: two basic amounts a year, less under 25."""
    n, months = len(lines), np.arange(12)
    year, low = lines["year"].to_numpy(), lines["low"].to_numpy()[:, None]
    paid = (months >= low) & (months <= lines["high"].to_numpy()[:, None])
    leave = np.where(rng.random(n) < ON_LEAVE, rng.integers(1, 12, n), 99)[:, None]
    paid &= (months < leave) | (months > leave + rng.integers(0, 3, n)[:, None]) | (months == low)
    monthly = np.array([BASIC_AMOUNT[y] for y in FORM_YEARS])[year - FORM_YEARS[0]] / 6
    share = np.where(year - born < 25, 2 / 3, 1) * rng.uniform(0.9, 1.0, n)
    return paid, np.round(paid.sum(axis=1) * monthly * share)


def _measure_slots(taken: np.ndarray, year: np.ndarray) -> np.ndarray:
    """Eleven two-digit slots: a code stands in its slot; other (99) in slot 11 before 2011, in a free slot 10 later."""
    slots = np.full((len(taken), 22), ord("0"), np.uint8)
    for column, code in enumerate(forms.MEASURES):
        place = np.full(len(taken), int(code)) if code != "99" else np.where(year < 2011, 11, 10)
        here = taken[:, column] & ~((code == "11") & (year < 2011))
        if code == "99":
            here &= (year < 2011) | ~taken[:, list(forms.MEASURES).index("10")]
        line = np.flatnonzero(here)
        slots[line, 2 * place[line] - 2], slots[line, 2 * place[line] - 1] = ord(code[0]), ord(code[1])
    return slots


def write_nir(directory: Path, rows: pd.DataFrame, places: Places, ids: np.ndarray, ledger: Ledger) -> int:
    """``nir_deltakere.csv`` and ``nir_tiltak.csv``; municipality codes are those valid on the day of registration."""
    rng = stream(ledger.seed, "nir")
    kept = forms.register_rows(rows)
    taken = forms.measures_of(rows, ledger.seed)[kept.index]
    part = kept.reset_index(drop=True)
    n = len(part)
    start, end = part["start"].to_numpy("datetime64[D]").copy(), part["end"].to_numpy("datetime64[D]")
    registered = np.maximum(part["held"].to_numpy("datetime64[D]"), new_year(forms.FIRST_NIR)) + rng.integers(0, 55, n)
    registered = np.minimum(registered, PROGRAMME_END)
    code = places.codes(part["atom"].to_numpy(), registered)
    older = places.earlier_codes(part["atom"].to_numpy(), registered)
    hit = ledger.pick("retired_code", "nir_deltakere", n, older != code)
    code[hit] = older[hit]
    cause = np.array([*(forms.NIR_CAUSE[c] for c in CAUSE_NAMES), ""])[part["cause"]].astype("U16")
    bad = ledger.pick("illegal_code", "nir_deltakere", n, ~np.isnat(end))
    cause[bad] = "UKJENT_99"
    wrong = ledger.pick("end_before_start", "nir_deltakere", n, ~np.isnat(end))
    start[wrong] = end[wrong] + rng.integers(5, 400, len(wrong))
    leave = np.where(rng.random(n) < 0.16, rng.integers(1, 13, n), 0)
    order = np.lexsort((part["part"], part["person"]))
    order = order[ledger.duplicated("nir_deltakere", n)]
    columns = {
        "lopenr": lookup(ids, part["person"].to_numpy()[order]),
        "kommunenr": text(code[order]),
        "startdato": dates(start[order]),
        "sluttdato": dates(end[order]),
        "avslutningsarsak": text(cause[order]),
        "fritak_permisjon_mnd": numbers(leave[order]),
        "timer_uke": decimals(np.array([37.5, 30.0, 28.0])[(rng.random(n) * 3.6).astype(int).clip(0, 2)][order]),
        "registrert_dato": dates(registered[order]),
    }
    return write_extract(directory / "nir_deltakere.csv", columns) + _write_measures(
        directory, part, start, taken, ids, ledger
    )


def _write_measures(
    directory: Path, part: pd.DataFrame, start: np.ndarray, taken: np.ndarray, ids: np.ndarray, ledger: Ledger
) -> int:
    rng = stream(ledger.seed, "nir measures")
    line, column = np.nonzero(taken)
    first = np.maximum(part["held"].to_numpy("datetime64[D]"), new_year(2016))[line] + rng.integers(0, 90, len(line))
    stop = part["end"].to_numpy("datetime64[D]")[line]
    length = np.where(column == 0, 5000, rng.integers(30, 360, len(line)))
    finished = np.where(np.isnat(stop), np.where(length < 5000, first + length, stop), np.minimum(first + length, stop))
    finished = np.where(finished > PROGRAMME_END, np.datetime64("NaT", "D"), np.maximum(finished, first))
    code = np.array(list(forms.MEASURES))[column]
    code[ledger.pick("illegal_code", "nir_tiltak", len(line))] = "05"
    columns = {
        "lopenr": lookup(ids, part["person"].to_numpy()[line]),
        "startdato": dates(start[line]),
        "tiltak": text(code),
        "fra_dato": dates(first),
        "til_dato": dates(finished),
    }
    return write_extract(directory / "nir_tiltak.csv", columns)


def paid_years(employed: np.ndarray) -> np.ndarray:
    """Persons x years from 2003: in work in any month of the year."""
    return employed.reshape(len(employed), -1, 12).any(axis=2)
