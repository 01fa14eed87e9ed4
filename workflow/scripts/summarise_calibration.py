"""Bring the replicates of all cells together: bias, coverage, error rate, power and verdicts of every estimator."""

from pathlib import Path

import pandas as pd
from introprog.calibration_population import population_of
from introprog.calibration_table import overview, summarise
from introprog.errors import reported
from introprog.tabular import read_table, write_csv

with reported(snakemake.log[0]):
    rows, reference = (
        pd.concat([read_table(path) for path in paths], ignore_index=True)
        for paths in (snakemake.input.rows, snakemake.input.reference)
    )
    population = population_of(snakemake.params.composed)
    truths = {value: population.truth(value) for value in sorted(rows["true_correlation"].unique())}
    asked = (
        snakemake.params.smallest_effect,
        snakemake.params.alpha,
        snakemake.params.seed,
        snakemake.params.replicates,
    )
    table = summarise(rows, reference, truths, *asked)
    write_csv(table, snakemake.output.calibration)
    Path(snakemake.output.overview).write_text(overview(table), encoding="utf-8", newline="\n")
