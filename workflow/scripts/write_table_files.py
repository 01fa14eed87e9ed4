"""Write every table of a language for Word and LaTeX, and all of them as one workbook."""

from pathlib import Path

from introprog.documents.latex import latex_of
from introprog.documents.word import table_bytes
from introprog.documents.workbook import workbook_bytes
from introprog.errors import reported
from introprog.tables import read_printed

with reported(snakemake.log[0]):
    language = snakemake.params.language
    tables = {Path(path).stem.removesuffix(f"_{language}"): read_printed(path) for path in snakemake.input.tables}
    for path in map(Path, snakemake.output.files):
        name = path.stem.removesuffix(f"_{language}")
        if path.suffix == ".xlsx":
            path.write_bytes(workbook_bytes(tables, language))
        elif path.suffix == ".docx":
            path.write_bytes(table_bytes(name, tables[name]))
        else:
            path.write_text(latex_of(name, tables[name]), encoding="utf-8", newline="\n")
