"""Judge every claim of the ledger by the numbers of the run, and by published figures."""

from introprog.claims.judge import judge, read_evidence
from introprog.claims.ledger import read_ledger
from introprog.errors import reported
from introprog.tabular import write_csv

with reported(snakemake.log[0]):
    claims = read_ledger(snakemake.input.ledger)
    run, published = read_evidence(dict(snakemake.input.items()), snakemake.params.settings)
    write_csv(judge(claims, run, published, snakemake.params.settings), snakemake.output.claims)
