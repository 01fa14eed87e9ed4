"""State of every leaver, month by month after the programme, and the shares in each state."""

from introprog.chronogram import chronogram
from introprog.errors import reported
from introprog.months import to_arrow, trace_months
from introprog.tabular import read_table, write_arrow, write_csv

with reported(snakemake.log[0]):
    inputs, params = snakemake.input, snakemake.params
    leavers = read_table(inputs.leavers, ["person_id", "included", "end_date", "sex", "schooling"])
    states = trace_months(
        leavers,
        inputs.employment,
        inputs.education,
        inputs.welfare,
        read_table(inputs.income, ["person_id", "year", "social_assistance_months"]),
        read_table(inputs.residence, ["person_id", "first_date", "last_date", "end_reason"]),
        params.study,
        params.months,
    )
    write_arrow(to_arrow(states), snakemake.output.states)
    write_csv(chronogram(states, leavers, threshold=params.disclosure["threshold"]), snakemake.output.chronogram)
