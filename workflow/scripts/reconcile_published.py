"""Own figures beside the published ones, with difference and source."""

from pathlib import Path

from introprog.errors import reported
from introprog.panel import of_definitions, read_regions
from introprog.published import read_published
from introprog.reconcile import EXIT, reconcile
from introprog.standing import stands, vouch
from introprog.tabular import read_table, write_csv

OWN = ("leavers", "persons", "programmes", "residence")

with reported(snakemake.log[0]):
    inputs, params, output = snakemake.input, snakemake.params, snakemake.output
    names = {"november": params.get("definition", "ssb_november"), "exit": EXIT}
    regions = of_definitions(read_regions(inputs.region_status), names.values())
    own = [name for name in OWN if inputs.get(name)]
    files = {name: Path(inputs[name]) for name in (*own, "published", "sources")}
    basis = {**files, "regions": regions, "params": dict(params.items())}
    if not stands(params.stamp, basis, output):
        published = read_published(inputs.published, inputs.sources)
        tables = {name: read_table(inputs[name]) for name in own}
        write_csv(reconcile(regions, published, **tables, definitions=names, study=params.study), output.reconciliation)
        vouch(params.stamp, basis, output)
