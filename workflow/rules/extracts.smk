"""Raw extracts to clean tables and the cohort.

Reading goes before all else: a fault in a file is told before anything is drawn, and what has been read waits in
results/private/reading until all files have been. A run that a file stops leaves results/ as it was.
"""

if PLAN.source == "synthetic":

    rule simulate_extracts:
        """Write raw extracts as researchers receive them, with planted faults and a known truth."""
        input:
            targets=PLAN.shared("codelists", "simulation_targets.csv"),
        output:
            listed=PLAN.extract_files(),
        log:
            "logs/simulate_extracts.log",
        benchmark:
            "logs/benchmarks/simulate_extracts.tsv"
        priority: 100
        threads: 1
        resources:
            **PLAN.resources("simulate_extracts"),
        params:
            directory=PLAN.extracts,
            synthetic=config["synthetic"],
            study=PLAN.study_without("target_share", "confidence"),
            code=PLAN.code("simulate_extracts"),
        script:
            "../scripts/simulate_extracts.py"


rule clean_registers:
    """Persons, programmes, residence, education, welfare, income and municipalities, every correction counted."""
    input:
        extracts=PLAN.extract_files(),
        codebook=ancient(PLAN.shipped("codebook")),
        corrections=PLAN.corrections,
        codelists=[PLAN.shared("codelists", f"{name}.csv") for name in ("country_groups", "nus2000_levels")],
    output:
        **{name: temp(path) for name, path in PLAN.staged("clean_registers").items()},
    log:
        "logs/clean_registers.log",
    benchmark:
        "logs/benchmarks/clean_registers.tsv"
    priority: 100
    threads: 1
    resources:
        **PLAN.resources("clean_registers"),
    params:
        directory=lambda wildcards: PLAN.extracts,
        overlays=PLAN.overlays,
        codebook=PLAN.codebook_content,
        corrections=next(iter(PLAN.corrections), None),
        study=PLAN.study_without("target_share", "confidence"),
        code=PLAN.code("clean_registers"),
    script:
        "../scripts/clean_registers.py"


rule clean_employment:
    """Job spells to 2014 and monthly a-ordningen rows from 2015 as one table."""
    input:
        extracts=PLAN.extract_files(),
        codebook=ancient(PLAN.shipped("codebook")),
        corrections=PLAN.corrections,
    output:
        **{name: temp(path) for name, path in PLAN.staged("clean_employment").items()},
    log:
        "logs/clean_employment.log",
    benchmark:
        "logs/benchmarks/clean_employment.tsv"
    priority: 100
    threads: 1
    resources:
        **PLAN.resources("clean_employment"),
    params:
        directory=lambda wildcards: PLAN.extracts,
        overlays=PLAN.overlays,
        codebook=PLAN.codebook_content,
        corrections=next(iter(PLAN.corrections), None),
        study=PLAN.study_without("target_share", "confidence"),
        code=PLAN.code("clean_employment"),
    script:
        "../scripts/clean_employment.py"


rule clean_survey:
    """Survey answers and frames of every wave, staff answers and duplicates taken out by stated rules."""
    input:
        extracts=PLAN.extract_files(),
        codebook=ancient(PLAN.shipped("codebook")),
        corrections=PLAN.corrections,
    output:
        **{name: temp(path) for name, path in PLAN.staged("clean_survey").items()},
    log:
        "logs/clean_survey.log",
    benchmark:
        "logs/benchmarks/clean_survey.tsv"
    priority: 100
    threads: 1
    resources:
        **PLAN.resources("clean_survey"),
    params:
        directory=lambda wildcards: PLAN.extracts,
        overlays=PLAN.overlays,
        codebook=PLAN.codebook_content,
        corrections=next(iter(PLAN.corrections), None),
        surveys=config["surveys"],
        study=PLAN.study_without("target_share", "confidence"),
        code=PLAN.code("clean_survey"),
    script:
        "../scripts/clean_survey.py"


rule keep_clean_tables:
    """Clean tables take the places of the former ones together, when every extract has been read."""
    input:
        **{name: path for reader in PLAN.readers for name, path in PLAN.staged(reader).items()},
    output:
        **{name: update(PLAN.place(name)) for reader in PLAN.readers for name in PLAN.staged(reader)},
    log:
        "logs/keep_clean_tables.log",
    benchmark:
        "logs/benchmarks/keep_clean_tables.tsv"
    priority: 100
    threads: 1
    resources:
        **PLAN.resources("keep_clean_tables"),
    params:
        code=PLAN.code("keep_clean_tables"),
    script:
        "../scripts/keep_clean_tables.py"


rule select_cohort:
    """Leavers with their inclusion criteria, and the flow from raw rows to observed leavers."""
    input:
        **{
            name: PLAN.place(name)
            for name in ("persons", "programmes", "residence", "municipalities", "read_log", "quality_log")
        },
    output:
        leavers=update(PLAN.place("leavers")),
        flow=update(PLAN.place("flow")),
    log:
        "logs/select_cohort.log",
    benchmark:
        "logs/benchmarks/select_cohort.tsv"
    threads: 1
    resources:
        **PLAN.resources("select_cohort"),
    params:
        study=PLAN.study_without("target_share", "confidence"),
        code=PLAN.code("select_cohort"),
    script:
        "../scripts/select_cohort.py"
