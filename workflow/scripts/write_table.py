"""Write one table of the registry in every language, and its numbers."""

from introprog.displays.context import Context
from introprog.displays.making import make_numbers, make_table, paths_of, read_inputs, with_days
from introprog.errors import reported
from introprog.tables import save_table
from introprog.tabular import write_csv

with reported(snakemake.log[0]):
    entry = snakemake.params.entry
    settings = with_days(snakemake.params.settings, snakemake.input.get("statbank_days"))
    inputs = read_inputs(dict(snakemake.input.items()))
    numbers = make_numbers(entry, inputs, settings)
    write_csv(numbers, snakemake.output.csv)
    for language in snakemake.params.languages:
        table = make_table(numbers, Context.of(snakemake.params.id, entry, settings, language))
        for path in paths_of(snakemake.output.files, language):
            save_table(table, path)
