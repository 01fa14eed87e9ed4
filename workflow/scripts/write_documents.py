"""Write the report of one language as a Word file and as a PDF."""

from pathlib import Path

from introprog.documents.contents import document_of
from introprog.documents.pdf import pdf_of
from introprog.documents.word import document_bytes
from introprog.errors import reported
from introprog.report.content import gather

with reported(snakemake.log[0]):
    texts = {Path(path).name: Path(path) for path in snakemake.input.texts}
    report = gather(
        snakemake.params.entries,
        list(snakemake.input.displays),
        {name: snakemake.input[name] for name in snakemake.params.models},
        snakemake.input.panel,
        snakemake.input.status,
        texts["words.yaml"].parent,
        snakemake.input.ledger,
        snakemake.params.settings,
        snakemake.params.language,
    )
    document = document_of(report, list(snakemake.input.files))
    Path(snakemake.output.word).write_bytes(document_bytes(document))
    Path(snakemake.output.pdf).write_bytes(pdf_of(document, texts["report.typ"].read_text(encoding="utf-8")))
