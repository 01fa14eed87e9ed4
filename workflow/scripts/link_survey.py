"""Survey answers linked to persons where they have consented, and the report of what is found where."""

from introprog.contracts import CONTRACTS
from introprog.errors import reported
from introprog.matches import match_report, shown
from introprog.person_link import link_persons
from introprog.tabular import read_table, write_csv, write_table

with reported(snakemake.log[0]):
    tables = {name: read_table(path) for name, path in snakemake.input.items() if name != "registers"}
    registers = {
        name: read_table(path, ["person_id"])["person_id"].drop_duplicates()
        for name, path in zip(snakemake.params.registers, snakemake.input.registers)
    }
    link = link_persons(
        *(tables[name] for name in ("survey_keys", "survey_responses", "persons", "programmes", "leavers"))
    )
    results = tables["leavers"].loc[tables["leavers"]["included"]]
    report = match_report(
        registers, tables["programmes"], tables["survey_responses"], tables["survey_frame"], results, link
    )
    write_table(link, snakemake.output.person_link, CONTRACTS["survey_keys"].key)
    write_csv(report, snakemake.output.all_matches)
    write_csv(shown(report, snakemake.params.threshold), snakemake.output.matches)
