"""Files that people take further: tables for Word and LaTeX, one workbook, and the report for Word and as PDF."""


rule write_table_files:
    """Every table as a Word and a LaTeX file, and all of them as one workbook, from the printed tables of a language."""
    input:
        tables=lambda wildcards: PLAN.printed_tables(wildcards.language),
    output:
        files=update([*PLAN.table_documents("{language}"), PLAN.workbook("{language}")]),
    log:
        "logs/write_table_files_{language}.log",
    benchmark:
        "logs/benchmarks/write_table_files_{language}.tsv"
    threads: 1
    resources:
        **PLAN.resources("write_table_files"),
    params:
        language=lambda wildcards: wildcards.language,
        code=PLAN.code("write_table_files"),
    script:
        "../scripts/write_table_files.py"


rule write_documents:
    """The report of a language as a Word file and as a tagged PDF, with the sentences and displays of the page."""
    input:
        **{name: PLAN.place(name) for name in PLAN.report_models},
        displays=PLAN.report_files(),
        files=lambda wildcards: PLAN.document_files(wildcards.language),
        panel=PLAN.place("public_panel"),
        status=PLAN.shared("codelists", "status.csv"),
        texts=PLAN.document_texts(),
        ledger=PLAN.place("ledger"),
    output:
        word=update("results/report/report_{language}.docx"),
        pdf=update("results/report/report_{language}.pdf"),
    log:
        "logs/write_documents_{language}.log",
    benchmark:
        "logs/benchmarks/write_documents_{language}.tsv"
    threads: 1
    resources:
        **PLAN.resources("write_documents"),
    params:
        entries=PLAN.report_entries(),
        models=PLAN.report_models,
        settings=PLAN.report_settings(),
        language=lambda wildcards: wildcards.language,
        code=PLAN.code("write_documents"),
    script:
        "../scripts/write_documents.py"


rule office:
    """All files for Word, Excel and LaTeX, and the PDF."""
    input:
        PLAN.documents,
