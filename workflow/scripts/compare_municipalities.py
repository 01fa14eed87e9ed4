"""Noise against signal, rank sets, funnel and the verdict against the target, at every horizon."""

from introprog.comparison import compare
from introprog.errors import reported
from introprog.outcome_rows import read_outcome_rows
from introprog.tabular import read_table, write_csv, write_table

SEED = 20197
OUTCOMES = ["person_id", "exit_year", "municipality", "horizon", "definition", "success", "in_denominator"]

with reported(snakemake.log[0]):
    inputs, params, output = snakemake.input, snakemake.params, snakemake.output
    choices = params.comparison
    moments = {"horizons": [0, *choices["horizons"]], "exit_years": choices["exit_years"]}
    tables = compare(
        read_table(inputs.panel),
        choices,
        params.definition,
        params.study["target_share"],
        params.study["confidence"],
        SEED,
        read_outcome_rows(inputs.outcomes, OUTCOMES, **moments) if "outcomes" in inputs.keys() else None,  # noqa: SIM118
    )
    for name in ("signal", "rank_correlation", "target_changes", "forecast"):
        write_csv(tables[name], output[name])
    for name in ("ranks", "funnel", "target_verdicts"):
        write_table(tables[name], output[name], ["municipality", "horizon"])
