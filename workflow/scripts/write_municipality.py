"""Write one municipality or county as a page of its own."""

from pathlib import Path

import yaml
from introprog.data_kind import DATA_OF_SOURCE
from introprog.documents.municipality_pdf import municipality_pdf
from introprog.errors import reported
from introprog.labels import Labels
from introprog.report.content import read_tables
from introprog.report.municipality import town_data
from introprog.tabular import read_table

with reported(snakemake.log[0]):
    inputs, params, wanted = snakemake.input, snakemake.params, snakemake.wildcards
    labels = Labels(wanted.language)
    twins = {Path(path).stem: path for path in inputs.displays}
    tables = read_tables({**twins, **{name: inputs[name] for name in params.models}})
    words = yaml.safe_load(Path(inputs.words).read_text(encoding="utf-8"))
    data = town_data(tables, read_table(inputs.panel), params.settings, labels, words)
    stamp = labels.term(f"stamp.{DATA_OF_SOURCE[params.settings['source']]}")
    layout = Path(inputs.layout).read_text(encoding="utf-8")
    Path(snakemake.output.pdf).write_bytes(municipality_pdf(data, wanted.code, wanted.language, stamp, layout))
