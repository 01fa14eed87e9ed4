"""StatBank table 10824 into the panel's contract; suppressed cells stay suppressed."""

from pathlib import Path

import pandas as pd
from introprog.errors import reported, warn
from introprog.jsonstat2 import stated
from introprog.panel import PANEL_KEY, REGION_KEY
from introprog.statbank import read_statbank
from introprog.tabular import write_csv, write_table

with reported(snakemake.log[0]):
    notes = []
    choice = snakemake.params.displaced_rows
    region_status, panel = read_statbank(snakemake.input.files, notes=notes, displaced_rows=choice)
    write_table(region_status, snakemake.output.region_status, REGION_KEY)
    write_table(panel, snakemake.output.panel, PANEL_KEY)
    days = stated([Path(path).read_bytes() for path in snakemake.input.files], snakemake.params.extracted)
    withdrawn = sum(note.count for note in notes) if choice == "withdraw" else 0
    write_csv(pd.DataFrame([{**days, "withdrawn": withdrawn or None}]), snakemake.output.days)
    warn(notes, snakemake.log[0])
