"""States of Nav brought to spells part by part: the same as from whole files, whatever the order and the duplicates."""

import numpy as np
import pandas as pd
import pytest
from introprog.cleaning.quality import QualityLog
from introprog.cleaning.registers import clean_welfare, welfare_spells
from introprog.cleaning.tables import read_register
from introprog.readers import streamed
from introprog.readers.extracts import Reader
from raw_extracts import CODEBOOK, A, B, C, write_extracts

HEADER = "lopenr;periode;tilstand\n"
STATES = {"HELT_LEDIG": "21", "TILTAK": "22", "AAP": "31"}
YEARS = (2014, 2015)


def random_rows(seed, repeats):
    rng = np.random.default_rng(seed)
    cells = pd.MultiIndex.from_product([(A, B, C), YEARS, range(1, 13), STATES]).to_frame(index=False)
    cells = cells.set_axis(["person", "year", "month", "state"], axis=1).sample(frac=0.5, random_state=seed)
    cells = pd.concat([cells, cells.sample(repeats, random_state=seed)]) if repeats else cells
    return cells.iloc[rng.permutation(len(cells))]


def months_in(spells):
    return sorted(
        (row.person_id, row.state, month.year, month.month)
        for row in spells.itertuples()
        for month in pd.date_range(row.first_date, row.last_date, freq="MS")
    )


def read(folder, monkeypatch, whole):
    monkeypatch.setattr(streamed, "BLOCK", 300)
    if whole:
        monkeypatch.setattr(streamed, "_is_plain", lambda *_: False)
    reader = Reader(folder, CODEBOOK, QualityLog(CODEBOOK.rules), YEARS[-1])
    raw = read_register(reader, "nav")
    assert isinstance(raw, pd.DataFrame) == whole
    spells = clean_welfare(raw, reader.log, reader.origins["nav"])
    problems = [str(problem) for problem in reader.log.problems + reader.log.tolerated]
    return spells, reader.log.counts, reader.log.examples, problems, sorted(reader.rows)


@pytest.mark.parametrize("repeats", [0, 2, 30])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_parts_and_whole_files_give_the_same(seed, repeats, tmp_path, monkeypatch):
    folder, rows = write_extracts(tmp_path / "raw"), random_rows(seed, repeats)
    for path in folder.glob("nav_*"):
        path.unlink()
    for year, own in rows.groupby("year"):
        lines = [f"{r.person};{r.year}{r.month:02d};{r.state}" for r in own.itertuples()]
        (folder / f"nav_{year}.csv").write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8-sig")
    parts, whole = (read(folder, monkeypatch, each) for each in (False, True))
    pd.testing.assert_frame_equal(parts[0], whole[0])
    assert parts[1:] == whole[1:]
    expected = {(r.person, STATES[r.state], r.year, r.month) for r in rows.itertuples()}
    assert months_in(parts[0]) == sorted(expected)
    following = parts[0].groupby(["person_id", "state"])["first_date"].shift(-1)
    assert ((following - parts[0]["last_date"]).dropna() > pd.Timedelta(days=27)).all()
    assert sum(parts[1].values()) == len(rows) - len(expected)
    assert bool(parts[3]) == (repeats > 0)


def test_nobody_has_no_spells():
    raw = pd.DataFrame({"person_id": [], "period": [], "state": []}).astype(
        {"person_id": "str", "period": "Int32", "state": "str"}
    )
    log = QualityLog(CODEBOOK.rules)
    assert welfare_spells(raw, log).num_rows == 0 and clean_welfare(raw, log).empty and not log.counts
