"""The result under every specification, on both municipality bases, with end causes missing, and how late it is."""

from introprog.bounds import end_cause_bounds
from introprog.elapsed import elapsed_table
from introprog.errors import reported
from introprog.moves import moves_table
from introprog.network import compare_network, group_codes
from introprog.outcome_rows import read_outcome_rows, require_definition
from introprog.specifications import present_definition, specification_table
from introprog.tabular import read_table, write_csv

COLUMNS = ["person_id", "municipality", "definition", "horizon", "reason", "success", "in_denominator"]
SEED = 201904
TRAITS = ["person_id", "included", "exit_year", "end_date", "end_cause", "municipality", "sex"]

with reported(snakemake.log[0]):
    params, inputs, output = snakemake.params, snakemake.input, snakemake.output
    study, comparison, threshold = params.study, params.comparison, params.disclosure["threshold"]
    official, confidence, target = params.official_definition, study["confidence"], study["target_share"]
    require_definition(official, list(params.definitions), "config.yaml, official_definition")
    network = params.network
    leavers = read_table(inputs.leavers, list(dict.fromkeys([*TRAITS, *network["covariates"]])))
    towns = read_table(inputs.municipalities, ["municipality", "year", "centrality"])
    november = [name for name, block in params.definitions.items() if block["moment"] == "november"]
    present = present_definition(params.definitions) or official
    used = list(dict.fromkeys([*november, official, present]))
    rows = read_outcome_rows(inputs.outcomes, COLUMNS, used, comparison["horizons"], comparison["exit_years"])
    varied = rows[rows["definition"].isin(november)]
    table = specification_table(varied, leavers, params.definitions, official, comparison, target, confidence)
    write_csv(table, output.specifications)
    bases = rows[rows["definition"].isin([official, present])]
    write_csv(moves_table(bases, towns, official, present, comparison, target, confidence, threshold), output.moves)
    write_csv(end_cause_bounds(leavers, None, confidence, threshold), output.end_cause_bounds)
    first = read_outcome_rows(inputs.outcomes, COLUMNS, [official], [1])
    write_csv(elapsed_table(leavers, first, study["reference_day"], confidence, threshold), output.elapsed)
    if output.get("network"):
        asked = inputs.get("survey_frame")
        frame = read_table(asked, ["wave", "municipality"]) if asked else None
        group = group_codes(network["municipalities"], frame, leavers["municipality"].dropna().unique().tolist())
        own = read_outcome_rows(inputs.outcomes, COLUMNS, [official], [network["horizon"]])
        write_csv(compare_network(own, leavers, group, network, confidence, threshold, SEED), output.network)
