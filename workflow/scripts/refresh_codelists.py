"""A dated snapshot of the code lists from Statistics Norway's KLASS."""

from introprog.errors import reported
from introprog.klass import snapshot, write_snapshot

with reported(snakemake.log[0]):
    files = snapshot(snakemake.params.url, snakemake.params.dates, timeout=snakemake.params.timeout_seconds)
    write_snapshot(files, snakemake.output.snapshot)
