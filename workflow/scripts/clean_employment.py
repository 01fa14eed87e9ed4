"""Job spells to 2014 and monthly a-ordningen rows from 2015 as one table."""

from introprog.cleaning.tables import clean_jobs
from introprog.errors import reported
from introprog.tabular import write_arrow, write_csv

with reported(snakemake.log[0]):
    employment, quality_log, read_log = clean_jobs(
        snakemake.params.directory,
        snakemake.input.codebook,
        snakemake.params.study,
        snakemake.params.overlays,
        snakemake.params.corrections,
    )
    write_arrow(employment, snakemake.output.employment)
    write_csv(quality_log, snakemake.output.employment_quality_log)
    write_csv(read_log, snakemake.output.employment_read_log)
