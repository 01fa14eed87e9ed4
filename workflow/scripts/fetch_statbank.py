"""Fetch a StatBank table from the PxWeb API, in pieces that are kept and resumed, and put it together to one file."""

import json
import logging
from pathlib import Path

from introprog.errors import reported
from introprog.pxweb import fetch, merged

logging.basicConfig(filename=snakemake.log[0], format="%(message)s", level=logging.INFO)
with reported(snakemake.log[0]):
    params = snakemake.params
    ways = {"pause": params.pause_seconds, "retries": params.retries, "timeout": params.timeout_seconds}
    for directory, query in params.queries.items():
        fetch(params.url, directory, query, **ways)
    for directory, path in zip(params.queries, snakemake.output.tables, strict=True):
        Path(path).write_text(json.dumps(merged(directory), ensure_ascii=False), encoding="utf-8")
