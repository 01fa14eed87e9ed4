"""Compare a finished run with what is expected of it: a table on the terminal, one page, failure if they differ."""

import sys
from pathlib import Path

from introprog.errors import reported
from introprog.review.comparison import Tolerance
from introprog.review.expectation import find
from introprog.review.findings import review
from introprog.review.page import as_html, as_text
from introprog.tabular import write_csv

with reported(snakemake.log[0]):
    expected = find(snakemake.params.config, snakemake.params.folders)
    tolerance = Tolerance(**snakemake.params.tolerance)
    found = review(
        expected,
        snakemake.params.tables,
        snakemake.params.pictures,
        snakemake.params.config,
        tolerance,
    )
    Path(snakemake.params.page).parent.mkdir(parents=True, exist_ok=True)
    Path(snakemake.params.page).write_text(
        as_html(found, snakemake.params.names, tolerance), encoding="utf-8", newline="\n"
    )
    write_csv(found.details, snakemake.params.differences)
    text = f"{as_text(found)}Page: {snakemake.params.page}\n"
    Path(snakemake.log[0]).write_text(text, encoding="utf-8")
    print(text, flush=True)
    sys.exit(1 if found.failed else 0)
