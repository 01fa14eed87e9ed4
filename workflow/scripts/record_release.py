"""Write the record of every output of the run: what it is, its controls and its checksums."""

import json
from pathlib import Path

from introprog.content import read_yaml
from introprog.errors import reported
from introprog.release.records import checksums, controls, record, write_record
from introprog.tabular import read_csv

with reported(snakemake.log[0]):
    params = snakemake.params
    rows = read_csv(snakemake.input.audit, text=("exception",)).set_index("output").to_dict("index")
    registry = read_yaml(snakemake.input.registry)["outputs"]
    manifest = json.loads(Path(snakemake.input.manifest).read_text(encoding="utf-8"))
    for (output, about), path in zip(params.outputs.items(), snakemake.output, strict=True):
        row, entry = rows.get(output, {}), registry.get(output, {})
        universes = dict.fromkeys(block["universe"] for block in entry.get("cells", ()))
        needs = {rule["least"] for rule in entry.get("enough", ())}
        answers = params.answers if "answers" in needs else 0
        done = controls(row, params.disclosure, answers, about["data"] in ("synthetic", "own"), "round" in entry)
        files = checksums(about["files"], manifest)
        write_record(
            record(output, {**about, "universes": universes, "note": entry.get("no_cells")}, row, files, done), path
        )
