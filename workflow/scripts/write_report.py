"""Write the report of the run, one page a language."""

from pathlib import Path

from introprog.errors import reported
from introprog.report.content import gather
from introprog.report.html import render

with reported(snakemake.log[0]):
    folder = Path(snakemake.input.texts[0]).parent
    models = {name: snakemake.input[name] for name in snakemake.params.models}
    for language, path in zip(snakemake.params.settings["languages"], snakemake.output, strict=True):
        report = gather(
            snakemake.params.entries,
            list(snakemake.input.displays),
            models,
            snakemake.input.panel,
            snakemake.input.status,
            folder,
            snakemake.input.ledger,
            snakemake.params.settings,
            language,
        )
        Path(path).write_text(render(report, folder), encoding="utf-8", newline="\n")
