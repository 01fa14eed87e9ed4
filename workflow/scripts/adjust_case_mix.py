"""Municipal results adjusted for who the participants were, in three tiers, and results inside and outside NAV."""

from pathlib import Path

from introprog.casemix import adjust_case_mix
from introprog.errors import reported
from introprog.organisation import compare_organisation
from introprog.outcome_rows import read_outcome_rows
from introprog.standing import stands, vouch
from introprog.tabular import read_table, write_csv, write_table

OUTCOMES = ["person_id", "exit_year", "municipality", "horizon", "definition", "success", "in_denominator"]
TEXT = {"person_id": "str", "municipality": "str", "definition": "str"}

with reported(snakemake.log[0]):
    inputs, params, output = snakemake.input, snakemake.params, snakemake.output
    choices = params.casemix, params.comparison["exit_years"], params.definition
    rows = [params.definition], [params.casemix["horizon"]], params.comparison["exit_years"]
    outcomes = read_outcome_rows(inputs.outcomes, OUTCOMES, *rows).astype(TEXT)
    files = {name: Path(inputs[name]) for name in ("leavers", "municipalities")}
    basis = {**files, "outcomes": outcomes, "params": dict(params.items())}
    if not stands(params.stamp, basis, output):
        tables = read_table(inputs.leavers), outcomes, read_table(inputs.municipalities)
        confidence = params.study["confidence"]
        models, rates = adjust_case_mix(*tables, *choices, params.comparison["minimum_leavers"], confidence)
        organisation = compare_organisation(*tables, *choices, confidence, params.disclosure["threshold"])
        write_csv(models, output.casemix)
        write_table(rates, output.adjusted_rates, ["municipality", "tier"])
        write_csv(organisation, output.organisation)
        vouch(params.stamp, basis, output)
