"""Programme against present municipality: moves between them, and the result on either basis."""

from introprog.errors import reported
from introprog.moves import moves_table
from introprog.outcome_rows import read_outcome_rows, require_definition
from introprog.specifications import present_definition
from introprog.tabular import read_table, write_csv

COLUMNS = ["person_id", "municipality", "definition", "horizon", "reason", "success"]

with reported(snakemake.log[0]):
    params = snakemake.params
    official = params.official_definition
    require_definition(official, list(params.definitions), "config.yaml, official_definition")
    present = present_definition(params.definitions) or official
    comparison = params.comparison
    table = moves_table(
        read_outcome_rows(
            snakemake.input.outcomes, COLUMNS, [official, present], comparison["horizons"], comparison["exit_years"]
        ),
        read_table(snakemake.input.municipalities, ["municipality", "year", "centrality"]),
        official,
        present,
        comparison,
        params.study["target_share"],
        params.study["confidence"],
        params.disclosure["threshold"],
    )
    write_csv(table, snakemake.output.moves)
