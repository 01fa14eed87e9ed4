"""Pack the run as a Workflow RO-Crate."""

import json
from pathlib import Path

from introprog.crate import describe, pack
from introprog.errors import reported

with reported(snakemake.log[0]):
    root, results = snakemake.params.root, sorted(snakemake.input)
    digest = json.loads(Path(snakemake.input.manifest).read_text(encoding="utf-8"))["digest"]
    pack(describe(root, results, snakemake.params.names, digest), root, results, snakemake.output.crate)
