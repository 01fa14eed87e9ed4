"""What municipalities are like, as it may be shown: size, centrality, unemployment and who the leavers were."""

from introprog.errors import reported
from introprog.similarity import municipal_profile
from introprog.tabular import read_table, write_csv

with reported(snakemake.log[0]):
    inputs, params = snakemake.input, snakemake.params
    profile = municipal_profile(
        read_table(inputs.leavers),
        read_table(inputs.municipalities),
        read_table(inputs.public_panel),
        params.definition,
        params.comparison["exit_years"],
        params.disclosure["threshold"],
    )
    write_csv(profile, snakemake.output.municipality_profile)
