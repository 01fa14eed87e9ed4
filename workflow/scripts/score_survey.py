"""Score the survey answers through their codebooks, weight them to the frame, and describe the measurement."""

from introprog.content import read_yaml
from introprog.errors import reported
from introprog.measurement import score_waves
from introprog.tabular import read_table, write_csv, write_table

with reported(snakemake.log[0]):
    codebooks = [read_yaml(path) for path in snakemake.input.codebook]
    scales, measurement, items = score_waves(
        read_table(snakemake.input.survey_responses),
        read_table(snakemake.input.survey_frame),
        {book["instrument"]: book for book in codebooks},
    )
    write_table(scales, snakemake.output.scales, key=["wave", "response_id"])
    write_csv(measurement, snakemake.output.measurement)
    write_csv(items, snakemake.output.survey_items)
