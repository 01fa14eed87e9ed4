"""Calibration study: how often the intervals and verdicts are right where the truth is known."""

from introprog.calibration_jobs import (
    composed_jobs,
    composed_reference_jobs,
    correlation_jobs,
    reference_jobs,
    study_jobs,
)

CALIBRATION = config["calibration"]
CALIBRATION_STUDIES = {**study_jobs(CALIBRATION), **correlation_jobs(CALIBRATION)}
CALIBRATION_COMPOSED = composed_jobs(CALIBRATION)
CALIBRATION_JOBS = {
    **{**CALIBRATION_STUDIES, **reference_jobs(CALIBRATION)},
    **{**CALIBRATION_COMPOSED, **composed_reference_jobs(CALIBRATION)},
}


rule calibration:
    """The study as a target of its own; the table that ships with the project is data/calibration.csv."""
    input:
        "results/calibration/calibration.csv",
        "results/calibration/overview.md",


rule calibration_composed:
    """The models adjusted on both sides, where municipalities differ in who takes part; part of data/calibration_more.csv."""
    input:
        "results/calibration/composed.csv",
        "results/calibration/overview_composed.md",


rule calibrate:
    """One chunk of one cell: draw studies and judge each with the pipeline's own code."""
    output:
        rows=update("results/calibration/replicates/{job}.parquet"),
    log:
        "logs/calibrate_{job}.log",
    benchmark:
        "logs/benchmarks/calibrate_{job}.tsv"
    wildcard_constraints:
        job="|".join(CALIBRATION_JOBS),
    threads: 1
    resources:
        **PLAN.resources("calibrate"),
    params:
        study=lambda wildcards: CALIBRATION_JOBS[wildcards.job],
        seed=CALIBRATION["seed"],
        smallest_effect=config["association"]["smallest_effect"],
        alpha=config["association"]["alpha"],
        surveys=config["surveys"],
        own_effect=config["comparison"]["minimum_leavers"],
        code=PLAN.code("calibrate"),
    script:
        "../scripts/calibrate.py"


rule summarise_calibration:
    """Bias, coverage, error rate, power and verdicts of every estimator in every cell."""
    input:
        rows=[f"results/calibration/replicates/{job}.parquet" for job in CALIBRATION_STUDIES],
        reference=[f"results/calibration/replicates/{job}.parquet" for job in reference_jobs(CALIBRATION)],
    output:
        calibration=update("results/calibration/calibration.csv"),
        overview=update("results/calibration/overview.md"),
    log:
        "logs/summarise_calibration.log",
    benchmark:
        "logs/benchmarks/summarise_calibration.tsv"
    threads: 1
    resources:
        **PLAN.resources("summarise_calibration"),
    params:
        smallest_effect=config["association"]["smallest_effect"],
        alpha=config["association"]["alpha"],
        seed=CALIBRATION["seed"],
        replicates=CALIBRATION["replicates"],
        composed=False,
        code=PLAN.code("summarise_calibration"),
    script:
        "../scripts/summarise_calibration.py"


use rule summarise_calibration as summarise_composed with:
    input:
        rows=[f"results/calibration/replicates/{job}.parquet" for job in CALIBRATION_COMPOSED],
        reference=[f"results/calibration/replicates/{job}.parquet" for job in composed_reference_jobs(CALIBRATION)],
    output:
        calibration=update("results/calibration/composed.csv"),
        overview=update("results/calibration/overview_composed.md"),
    log:
        "logs/summarise_composed.log",
    benchmark:
        "logs/benchmarks/summarise_composed.tsv"
    params:
        smallest_effect=config["association"]["smallest_effect"],
        alpha=config["association"]["alpha"],
        seed=CALIBRATION["seed"],
        replicates=CALIBRATION["replicates"],
        composed=True,
        code=PLAN.code("summarise_calibration"),
