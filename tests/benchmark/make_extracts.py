"""Raw extracts of a chosen size: ``python make_extracts.py <scale> <folder>``.

The simulator's own, with every monthly employment row four times under four job numbers, since the real register has
about 160 rows a person where the simulator has 40, and every row of Nav three times under three states. At scale 1
that is 100,000 persons, 14 million monthly rows of jobs and 5 million of Nav.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "workflow" / "scripts"))

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
from introprog.simulate import simulate_extracts
from study import ROOT, config, yearly

JOBS = ("A", "B", "C", "D")
STATES = ("HELT_LEDIG", "TILTAK", "NEDSATT_TILTAK", "AAP", "HELSE", "KONTANT_OVERGANG")
TIMES = 3
MARK = b"\xef\xbb\xbf"


def thicken_jobs(path: Path) -> None:
    """Each row of a monthly file four times, its job under four numbers; the order of persons stays."""
    table = _texts(path)
    rows = table.take(pa.array(np.repeat(np.arange(table.num_rows), len(JOBS))))
    letters = pa.array(JOBS).take(pa.array(np.tile(np.arange(len(JOBS)), table.num_rows)))
    number = pc.binary_join_element_wise(letters, pc.utf8_slice_codeunits(rows["arbforhold"], 1), "")
    _write(rows.set_column(rows.column_names.index("arbforhold"), "arbforhold", number), path)


def thicken_states(path: Path) -> None:
    """Each row of Nav three times, the second and third under the states that follow in ``STATES``."""
    table = _texts(path)
    rows = table.take(pa.array(np.repeat(np.arange(table.num_rows), TIMES)))
    place = pc.index_in(rows["tilstand"], pa.array(STATES)).fill_null(0).to_numpy()
    moved = pa.array(STATES).take(pa.array((place + np.tile(np.arange(TIMES), table.num_rows)) % len(STATES)))
    known = pc.is_in(rows["tilstand"], pa.array(STATES))
    state = pc.if_else(known, pa.chunked_array([moved]), rows["tilstand"])
    _write(rows.set_column(rows.column_names.index("tilstand"), "tilstand", state), path)


def _texts(path: Path) -> pa.Table:
    text = pacsv.ConvertOptions(column_types=dict.fromkeys(_names(path), pa.string()))
    return pacsv.read_csv(path, parse_options=pacsv.ParseOptions(delimiter=";"), convert_options=text)


def _write(rows: pa.Table, path: Path) -> None:
    with open(path, "wb") as stream:
        stream.write(MARK)
        stream.write((";".join(rows.column_names) + "\n").encode())
        options = pacsv.WriteOptions(include_header=False, delimiter=";", quoting_style="none")
        pacsv.write_csv(rows, stream, options)


def _names(path: Path) -> list[str]:
    with open(path, encoding="utf-8-sig") as stream:
        return stream.readline().strip().split(";")


def make_extracts(scale: float, folder: Path) -> None:
    """Write ``folder/raw``."""
    study = config()
    targets = ROOT / "data" / "codelists" / "simulation_targets.csv"
    simulate_extracts(folder / "raw", {**study["synthetic"], "scale": scale}, study["study"], targets)
    for path in yearly(folder, "ameld"):
        thicken_jobs(path)
    for path in yearly(folder, "nav"):
        thicken_states(path)


if __name__ == "__main__":
    make_extracts(float(sys.argv[1]), Path(sys.argv[2]))
