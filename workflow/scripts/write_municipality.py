"""Write one municipality or county as a page of its own, and the record of its release."""

from pathlib import Path

from introprog.content import read_yaml
from introprog.data_kind import DATA_OF_SOURCE
from introprog.documents.municipality_pdf import find_place, municipality_pdf
from introprog.errors import reported
from introprog.labels import Labels
from introprog.release.page import page_record
from introprog.release.records import write_record
from introprog.report.content import read_tables
from introprog.report.municipality import town_data
from introprog.tabular import read_csv, read_table

with reported(snakemake.log[0]):
    inputs, params, wanted = snakemake.input, snakemake.params, snakemake.wildcards
    labels, kind = Labels(wanted.language), DATA_OF_SOURCE[params.settings["source"]]
    twins = {Path(path).stem: path for path in inputs.displays}
    tables = read_tables({**twins, **{name: inputs[name] for name in params.models}})
    panel = read_table(inputs.panel)
    words = read_yaml(inputs.words)
    data = town_data(tables, panel, params.settings, labels, words)
    layout = Path(inputs.layout).read_text(encoding="utf-8")
    pdf = municipality_pdf(data, wanted.code, wanted.language, labels.term(f"stamp.{kind}"), layout)
    place = find_place(data, wanted.code, snakemake.output.pdf)
    audit = read_csv(inputs.audit, text=("exception",)).set_index("output")
    rules = (kind, params.settings["disclosure"], params.answers)
    record = page_record(wanted.code, wanted.language, place["name"], pdf, tables, panel, audit, *rules)
    Path(snakemake.output.pdf).write_bytes(pdf)
    write_record(record, snakemake.output.record)
