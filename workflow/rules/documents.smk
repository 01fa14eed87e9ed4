"""Files that people take further: tables for Word and LaTeX, one workbook, and the report for Word and as PDF."""


rule write_table_files:
    """Every table as a Word and a LaTeX file, and all of a language as one workbook, from the tables as printed."""
    input:
        tables=[path for language in config["languages"] for path in PLAN.printed_tables(language)],
    output:
        files=update(PLAN.table_files),
    log:
        "logs/write_table_files.log",
    benchmark:
        "logs/benchmarks/write_table_files.tsv"
    threads: 1
    resources:
        **PLAN.resources("write_table_files"),
    params:
        languages=config["languages"],
        code=PLAN.code("write_table_files"),
    script:
        "../scripts/write_table_files.py"


rule write_documents:
    """The report of each language as a Word file and as a tagged PDF, with the sentences and displays of the page."""
    input:
        **{name: PLAN.place(name) for name in PLAN.report_models},
        displays=PLAN.report_files(),
        files=[path for language in config["languages"] for path in PLAN.document_files(language)],
        status=PLAN.shared("codelists", "status.csv"),
        texts=PLAN.document_texts(),
        ledger=PLAN.place("ledger"),
    output:
        files=update(PLAN.report_documents),
    log:
        "logs/write_documents.log",
    benchmark:
        "logs/benchmarks/write_documents.tsv"
    threads: 1
    resources:
        **PLAN.resources("write_documents"),
    params:
        entries=PLAN.report_entries(),
        models=PLAN.report_models,
        settings=PLAN.report_settings(),
        languages=config["languages"],
        code=PLAN.code("write_documents"),
    script:
        "../scripts/write_documents.py"


rule write_municipality:
    """One municipality or county on a page, for any number: results/report/municipality/0301_nb.pdf; and its record."""
    input:
        **PLAN.town_inputs(),
        audit=released.AUDIT,
    output:
        pdf=update("results/report/municipality/{code}_{language}.pdf"),
        record=update("results/release/municipality_{code}_{language}.yaml"),
    log:
        "logs/write_municipality_{code}_{language}.log",
    benchmark:
        "logs/benchmarks/write_municipality_{code}_{language}.tsv"
    # A name or a wrong number gets an answer too.
    wildcard_constraints:
        code="[^/_]+",
    threads: 1
    resources:
        **PLAN.resources("write_municipality"),
    params:
        models=[name for name in PLAN.town_inputs() if name in PLAN.report_models],
        settings=PLAN.report_settings(),
        answers=config["surveys"]["minimum_answers"],
        code=PLAN.code("write_municipality"),
    script:
        "../scripts/write_municipality.py"


rule office:
    """All files for Word, Excel and LaTeX, and the PDF."""
    input:
        PLAN.documents,
