"""Draw studies whose truth is known and judge each with the pipeline's own code: one chunk of one cell."""

from introprog.calibration import ESTIMATOR, run_cell
from introprog.calibration_population import population_of
from introprog.errors import reported
from introprog.link import Thresholds
from introprog.tabular import write_table

with reported(snakemake.log[0]):
    study, surveys = snakemake.params.study, snakemake.params.surveys
    rows = run_cell(
        snakemake.params.seed,
        study["municipalities"],
        study["true_correlation"],
        range(*study["replicates"]),
        snakemake.params.smallest_effect,
        snakemake.params.alpha,
        Thresholds(surveys["minimum_answers"], surveys["minimum_municipal_leavers"]),
        population_of(study["composed"]),
        models=study["models"],
        own_effect=snakemake.params.own_effect,
    )
    write_table(rows, snakemake.output.rows, key=["replicate", *ESTIMATOR])
