"""Store the releasable numbers of a finished run, and the hashes of its pictures, as what is expected of it."""

from introprog.errors import reported
from introprog.review.expectation import store

with reported(snakemake.log[0]):
    count = store(
        snakemake.params.tables,
        snakemake.params.pictures,
        snakemake.params.config,
        snakemake.params.folder,
    )
    print(f"{count} tables stored in {snakemake.params.folder}; snakemake review compares with them", flush=True)
