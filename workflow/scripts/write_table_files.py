"""Write every table of each language for Word and LaTeX, and all of a language as one workbook."""

from pathlib import Path

from introprog.documents.latex import latex_of
from introprog.documents.word import table_bytes
from introprog.documents.workbook import workbook_bytes
from introprog.errors import reported
from introprog.tables import read_printed

with reported(snakemake.log[0]):
    for language in snakemake.params.languages:
        ending = f"_{language}"
        own = [path for path in map(Path, snakemake.input.tables) if path.stem.endswith(ending)]
        tables = {path.stem.removesuffix(ending): read_printed(path) for path in own}
        for path in [path for path in map(Path, snakemake.output.files) if path.stem.endswith(ending)]:
            name = path.stem.removesuffix(ending)
            if path.suffix == ".xlsx":
                path.write_bytes(workbook_bytes(tables, language))
            elif path.suffix == ".docx":
                path.write_bytes(table_bytes(name, tables[name]))
            else:
                path.write_text(latex_of(name, tables[name]), encoding="utf-8", newline="\n")
