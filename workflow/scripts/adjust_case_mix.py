"""Municipal results adjusted for who the participants were: person, programme and local tiers."""

from introprog.casemix import adjust_case_mix
from introprog.errors import reported
from introprog.tabular import read_table, write_csv, write_table

OUTCOMES = ["person_id", "exit_year", "municipality", "horizon", "definition", "success", "in_denominator"]

with reported(snakemake.log[0]):
    inputs, params, output = snakemake.input, snakemake.params, snakemake.output
    models, rates = adjust_case_mix(
        read_table(inputs.leavers),
        read_table(inputs.outcomes, OUTCOMES),
        read_table(inputs.municipalities),
        params.casemix,
        params.comparison["exit_years"],
        params.definition,
        params.comparison["minimum_leavers"],
        params.study["confidence"],
    )
    write_csv(models, output.casemix)
    write_table(rates, output.adjusted_rates, ["municipality", "tier"])
