"""Examine what scales and ordered logit assume: the same items in every language, one slope for all steps."""

from introprog.content import read_yaml
from introprog.errors import reported
from introprog.languages import invariance_table
from introprog.proportional_odds import proportional_odds_table
from introprog.tabular import read_table, write_csv

with reported(snakemake.log[0]):
    codebooks = [read_yaml(path) for path in snakemake.input.codebook]
    books, surveys = {book["instrument"]: book for book in codebooks}, snakemake.params.surveys
    of_wave = {wave: books[entry["instrument"]] for wave, entry in surveys["waves"].items()}
    scales, asked = read_table(snakemake.input.scales), snakemake.params.association
    write_csv(invariance_table(scales, of_wave, surveys["minimum_language_answers"]), snakemake.output.invariance)
    link, primary = read_table(snakemake.input.municipal_link), asked["primary"]
    moment = (primary["definition"], primary["horizon"])
    table = proportional_odds_table(scales, link, *moment, asked["covariates"])
    write_csv(table, snakemake.output.proportional_odds)
