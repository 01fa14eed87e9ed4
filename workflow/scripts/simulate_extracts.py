"""Simulate every raw extract of the study (source: synthetic), with the truth beside them."""

from pathlib import Path

from introprog.errors import reported
from introprog.simulate import simulate_extracts

with reported(snakemake.log[0]):
    inputs, params, output = snakemake.input, snakemake.params, snakemake.output
    simulate_extracts(Path(output.extracts), params.synthetic, params.study, Path(inputs.targets))
