"""Municipal results as they would be with the average leaver, for the years that stand against each survey wave."""

from introprog.errors import reported
from introprog.outcome_rows import read_outcome_rows
from introprog.standardisation import KEY, cells_of, span_of, standardise_results
from introprog.tabular import read_table, write_table

OUTCOMES = ["person_id", "municipality", "definition", "horizon", "success", "in_denominator"]

with reported(snakemake.log[0]):
    inputs, params = snakemake.input, snakemake.params
    waves, variables = params.surveys["waves"], params.variables
    cells = cells_of(params.definitions, params.horizons)
    names, horizons = sorted({name for name, _ in cells}), sorted({horizon for _, horizon in cells})
    outcomes = read_outcome_rows(inputs.outcomes, OUTCOMES, names, horizons, span_of(waves))
    leavers = read_table(inputs.leavers)
    table = standardise_results(leavers, outcomes, waves, cells, variables, params.minimum_leavers)
    write_table(table, snakemake.output.standardised_results, KEY)
