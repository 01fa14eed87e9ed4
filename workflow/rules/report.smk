"""The report: one self-contained page a language, made of the displays and the models of the run."""


rule write_report:
    """Summary in sentences computed from numbers, the chapters A-F, definitions, reconciliation and references."""
    input:
        **{name: PLAN.place(name) for name in PLAN.report_models},
        displays=PLAN.report_files(),
        panel=PLAN.place("public_panel"),
        status=PLAN.shared("codelists", "status.csv"),
        texts=PLAN.report_texts(),
        ledger=PLAN.place("ledger"),
    output:
        update(PLAN.reports),
    log:
        "logs/write_report.log",
    benchmark:
        "logs/benchmarks/write_report.tsv"
    threads: 1
    resources:
        **PLAN.resources("write_report"),
    params:
        entries=PLAN.report_entries(),
        models=PLAN.report_models,
        settings=PLAN.report_settings(),
        code=PLAN.code("write_report"),
    script:
        "../scripts/write_report.py"
