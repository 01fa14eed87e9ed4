"""Survey answers and frames of every wave, staff answers and duplicates taken out by stated rules."""

from introprog.cleaning.tables import clean_surveys
from introprog.contracts import CONTRACTS
from introprog.errors import reported
from introprog.tabular import write_csv, write_table

with reported(snakemake.log[0]):
    responses, frame, keys, quality_log, read_log = clean_surveys(
        snakemake.params.directory,
        snakemake.input.codebook,
        snakemake.params.surveys["waves"],
        snakemake.params.study,
        snakemake.params.overlays,
        snakemake.params.corrections,
        snakemake.params.surveys["person_link"],
    )
    write_table(responses, snakemake.output.survey_responses, CONTRACTS["survey_responses"].key)
    write_table(frame, snakemake.output.survey_frame, CONTRACTS["survey_frame"].key)
    write_table(keys, snakemake.output.survey_keys, CONTRACTS["survey_keys"].key)
    write_csv(quality_log, snakemake.output.survey_quality_log)
    write_csv(read_log, snakemake.output.survey_read_log)
