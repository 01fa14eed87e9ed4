"""Check of every raw extract: one report on the terminal and as HTML; nothing in results/ is touched."""

import sys
from pathlib import Path

from introprog.errors import reported
from introprog.inspection import inspect_extracts
from introprog.inspection_page import as_html, as_text

with reported(snakemake.log.text):
    found = inspect_extracts(
        snakemake.params.directory,
        snakemake.input.codebook,
        Path(snakemake.input.codelists[0]).parent,
        snakemake.params.study,
        snakemake.params.waves,
        snakemake.params.overlays,
        snakemake.params.corrections,
        snakemake.params.person_link,
    )
    found.left_out = snakemake.params.left_out
    text = as_text(found, snakemake.params.directory)
    Path(snakemake.log.text).write_text(text, encoding="utf-8")
    Path(snakemake.params.page).write_text(as_html(found, snakemake.params.directory), encoding="utf-8")
    print(text, flush=True)
    sys.exit(1 if found.problems else 0)
