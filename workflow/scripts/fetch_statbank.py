"""Fetch a StatBank table from the PxWeb API, in pieces that are kept and resumed, and put it together to one file."""

import json
import logging
from pathlib import Path

from introprog.errors import reported
from introprog.pxweb import fetch, merged

logging.basicConfig(filename=snakemake.log[0], format="%(message)s", level=logging.INFO)
with reported(snakemake.log[0]):
    fetch(
        snakemake.params.url,
        snakemake.params.directory,
        snakemake.params.query,
        pause=snakemake.params.pause_seconds,
        retries=snakemake.params.retries,
        timeout=snakemake.params.timeout_seconds,
    )
    table = merged(snakemake.params.directory)
    Path(snakemake.output.table).write_text(json.dumps(table, ensure_ascii=False), encoding="utf-8")
