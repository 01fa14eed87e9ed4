"""Municipal results adjusted for who the participants were, in three tiers, and results inside and outside NAV."""

from introprog.casemix import adjust_case_mix
from introprog.errors import reported
from introprog.organisation import compare_organisation
from introprog.tabular import read_table, write_csv, write_table

OUTCOMES = ["person_id", "exit_year", "municipality", "horizon", "definition", "success", "in_denominator"]

with reported(snakemake.log[0]):
    inputs, params, output = snakemake.input, snakemake.params, snakemake.output
    tables = read_table(inputs.leavers), read_table(inputs.outcomes, OUTCOMES), read_table(inputs.municipalities)
    choices = params.casemix, params.comparison["exit_years"], params.definition
    confidence = params.study["confidence"]
    models, rates = adjust_case_mix(*tables, *choices, params.comparison["minimum_leavers"], confidence)
    organisation = compare_organisation(*tables, *choices, confidence, params.disclosure["threshold"])
    write_csv(models, output.casemix)
    write_table(rates, output.adjusted_rates, ["municipality", "tier"])
    write_csv(organisation, output.organisation)
