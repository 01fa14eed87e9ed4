"""Own figures beside the published ones, with difference and source."""

from introprog.errors import reported
from introprog.panel import read_regions
from introprog.published import read_published
from introprog.reconcile import reconcile
from introprog.tabular import read_table, write_csv

OWN = ("leavers", "persons", "programmes", "residence")

with reported(snakemake.log[0]):
    own = {name: read_table(snakemake.input.get(name)) for name in OWN if snakemake.input.get(name)}
    table = reconcile(
        read_regions(snakemake.input.region_status),
        read_published(snakemake.input.published, snakemake.input.sources),
        **own,
        definitions={"november": snakemake.params.get("definition", "ssb_november")},
        study=snakemake.params.study,
    )
    write_csv(table, snakemake.output.reconciliation)
