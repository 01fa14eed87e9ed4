"""Write the report of each language as a Word file and as a PDF."""

from pathlib import Path

from introprog.documents.contents import document_of
from introprog.documents.pdf import pdf_of
from introprog.documents.word import document_bytes
from introprog.errors import reported
from introprog.report.content import gather

with reported(snakemake.log[0]):
    inputs, params = snakemake.input, snakemake.params
    texts = {Path(path).name: Path(path) for path in inputs.texts}
    layout = texts["report.typ"].read_text(encoding="utf-8")
    for language in params.languages:
        report = gather(
            params.entries,
            list(inputs.displays),
            {name: inputs[name] for name in params.models},
            None,
            inputs.status,
            texts["words.yaml"].parent,
            inputs.ledger,
            params.settings,
            language,
        )
        document = document_of(report, [path for path in inputs.files if Path(path).stem.endswith(f"_{language}")])
        for path in map(Path, snakemake.output.files):
            if path.stem.endswith(f"_{language}"):
                path.write_bytes(document_bytes(document) if path.suffix == ".docx" else pdf_of(document, layout))
