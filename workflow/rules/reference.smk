"""Reference results of other software: run R anew and compare; only for who asks, the tests need no R."""


rule reference:
    """Run every R script of tests/reference/ and compare its answers with the committed ones."""
    input:
        "results/reference/agreed",


rule run_reference:
    """One R script, in a copy of its folder."""
    input:
        script=str(PLAN.reference / "{study}.R"),
        data=PLAN.reference_data,
    output:
        found="results/reference/{study}.json",
    log:
        "logs/run_reference_{study}.log",
    benchmark:
        "logs/benchmarks/run_reference_{study}.tsv"
    wildcard_constraints:
        study="|".join(PLAN.reference_studies),
    threads: 1
    resources:
        **PLAN.resources("run_reference"),
    params:
        code=PLAN.code("run_reference"),
    script:
        "../scripts/run_reference.py"


rule compare_reference:
    """Every value of every script beside the committed one; results/reference/comparison.csv is kept if they differ."""
    input:
        found=[f"results/reference/{study}.json" for study in PLAN.reference_studies],
        committed=[str(PLAN.reference / f"{study}.json") for study in PLAN.reference_studies],
    output:
        agreed="results/reference/agreed",
    log:
        "logs/compare_reference.log",
    benchmark:
        "logs/benchmarks/compare_reference.tsv"
    threads: 1
    resources:
        **PLAN.resources("compare_reference"),
    params:
        # Not an output: a comparison that finds differences fails, and the table must stay.
        table="results/reference/comparison.csv",
        code=PLAN.code("compare_reference"),
    script:
        "../scripts/compare_reference.py"


rule refresh_reference:
    """Take R's answers over as the committed ones; read the difference before you commit it."""
    input:
        found=[f"results/reference/{study}.json" for study in PLAN.reference_studies],
    log:
        "logs/refresh_reference.log",
    params:
        folder=str(PLAN.reference),
    script:
        "../scripts/refresh_reference.py"
