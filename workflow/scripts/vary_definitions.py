"""The result under every specification, bounds for missing end causes, and how long after leaving it is measured."""

from introprog.bounds import end_cause_bounds
from introprog.elapsed import elapsed_table
from introprog.errors import reported
from introprog.outcome_rows import read_outcome_rows
from introprog.specifications import specification_table
from introprog.tabular import read_table, write_csv

COLUMNS = ["person_id", "municipality", "definition", "horizon", "reason", "success", "in_denominator"]
TRAITS = ["person_id", "included", "exit_year", "end_date", "end_cause", "municipality", "sex"]

with reported(snakemake.log[0]):
    params, output = snakemake.params, snakemake.output
    study, comparison, threshold = params.study, params.comparison, params.disclosure["threshold"]
    leavers = read_table(snakemake.input.leavers, TRAITS)
    november = [name for name, block in params.definitions.items() if block["moment"] == "november"]
    rows = read_outcome_rows(
        snakemake.input.outcomes, COLUMNS, november, comparison["horizons"], comparison["exit_years"]
    )
    official, confidence = params.official_definition, study["confidence"]
    table = specification_table(
        rows, leavers, params.definitions, official, comparison, study["target_share"], confidence
    )
    write_csv(table, output.specifications)
    write_csv(end_cause_bounds(leavers, None, confidence, threshold), output.end_cause_bounds)
    first = read_outcome_rows(snakemake.input.outcomes, COLUMNS, [official], [1])
    write_csv(elapsed_table(leavers, first, study["reference_day"], confidence, threshold), output.elapsed)
