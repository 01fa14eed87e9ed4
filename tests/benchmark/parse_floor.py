"""Only parsing: the columns that the outcomes need, of every raw file they are in, read by pyarrow and thrown away.

The number of the job is among them: without it no row that is there twice can be told from a second job.
"""

import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
from study import yearly

NEEDED = {
    "ameld": ["lopenr", "periode", "arbforhold", "arb_arbeidstid"],
    "atmlto": ["lopenr", "arbforhold", "startdato", "stoppdato", "timer_uke"],
    "nav": ["lopenr", "periode", "tilstand"],
    "utdanning_kurs": ["lopenr", "nus2000", "fra_dato", "til_dato"],
    "inntekt": ["lopenr", "aar", "wyrkinnt", "sosialhjelp_mnd"],
    "bosted": ["lopenr", "kommnr", "fra_dato", "til_dato", "sluttarsak"],
}
TEXT = dict.fromkeys(["lopenr", "arbforhold", "kommnr", "nus2000"], pa.string())


def parse(folder: Path) -> int:
    """Rows read."""
    rows = 0
    for name, columns in NEEDED.items():
        options = pacsv.ConvertOptions(
            column_types={k: v for k, v in TEXT.items() if k in columns}, include_columns=columns, decimal_point=","
        )
        for path in yearly(folder, name) or [folder / "raw" / f"{name}.csv"]:
            encoding = pacsv.ReadOptions(encoding="latin-1" if name == "atmlto" else "utf-8")
            rows += pacsv.read_csv(
                path, encoding, parse_options=pacsv.ParseOptions(delimiter=";"), convert_options=options
            ).num_rows
    return rows


if __name__ == "__main__":
    parse(Path(sys.argv[1]))
