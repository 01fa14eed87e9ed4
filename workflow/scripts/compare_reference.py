"""Hold what R says now beside the committed results."""

import json
from pathlib import Path

import pandas as pd
from introprog.errors import reported
from introprog.reference import compare, require_agreement
from introprog.tabular import write_csv

with reported(snakemake.log[0]):
    found, committed = (
        {Path(path).stem: json.loads(Path(path).read_text(encoding="utf-8")) for path in paths}
        for paths in (snakemake.input.found, snakemake.input.committed)
    )
    table = pd.concat([compare(name, found[name], committed[name]) for name in sorted(found)], ignore_index=True)
    write_csv(table, snakemake.params.table)
    require_agreement(table)
    Path(snakemake.output.agreed).write_text("", encoding="utf-8")
