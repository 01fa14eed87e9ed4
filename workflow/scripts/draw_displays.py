"""Make the displays of a batch, or one of them, in every language and format, with their numbers and stamps."""

from introprog.displays.batch import make_batch, recipes
from introprog.errors import reported

with reported(snakemake.log[0]):
    batch = recipes(snakemake.params, dict(snakemake.input.items()))
    lines = make_batch(batch, list(snakemake.output))
    with open(snakemake.log[0], "w", encoding="utf-8") as log:
        log.write("".join(f"{line}\n" for line in lines))
