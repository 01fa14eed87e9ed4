"""Write the manifest of the run: config, code, versions, seeds, and hash and row count of every input and output."""

from introprog.errors import reported
from introprog.manifest import manifest, write_manifest

with reported(snakemake.log[0]):
    given = list(snakemake.input.get("given", []))
    content = manifest(
        snakemake.params.config,
        snakemake.params.root,
        [*given, *snakemake.input.shipped],
        [*snakemake.input.numbers, *snakemake.input.printed],
        snakemake.params.folder,
    )
    write_manifest(content, snakemake.output.manifest)
