"""Run one R script of tests/reference anew and keep what it says."""

import json
from pathlib import Path

from introprog.errors import reported
from introprog.reference import run_reference

with reported(snakemake.log[0]):
    found = run_reference(snakemake.input.script)
    Path(snakemake.output.found).write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8", newline="\n")
