"""Simulate every raw extract of the study (source: synthetic), with the truth beside them."""

import shutil
from pathlib import Path

from introprog.errors import reported
from introprog.simulate import simulate_extracts
from introprog.simulated_files import list_files

with reported(snakemake.log[0]):
    params, folder = snakemake.params, Path(snakemake.params.directory)
    # a file that an earlier version wrote would be read with the others
    shutil.rmtree(folder, ignore_errors=True)
    simulate_extracts(folder, params.synthetic, params.study, Path(snakemake.input.targets))
    list_files(folder, Path(snakemake.output.listed[0]))
