"""Draw one figure of the registry in every language and format, and write its numbers."""

from introprog.displays.context import Context
from introprog.displays.making import draw_to, make_numbers, read_inputs, with_days
from introprog.errors import reported
from introprog.tabular import write_csv

with reported(snakemake.log[0]):
    entry = snakemake.params.entry
    settings = with_days(snakemake.params.settings, snakemake.input.get("statbank_days"))
    inputs = read_inputs(dict(snakemake.input.items()))
    numbers = make_numbers(entry, inputs, settings)
    write_csv(numbers, snakemake.output.csv)
    for language in snakemake.params.languages:
        context = Context.of(snakemake.params.id, entry, settings, language)
        draw_to(snakemake.output.files, numbers, context)
