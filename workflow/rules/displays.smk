"""Figures and tables in every language: a job a chapter in a whole run, or one display by its id.

A job redoes only those of its displays that have changed (displays/batch.py) and says in its log which, and why.
"""

for batch, displays in PLAN.batches.items():

    rule:
        name:
            f"draw_{batch}"
        input:
            **PLAN.batch_inputs(displays),
        output:
            **{
                name: report(
                    update(one["path"]),
                    caption=one["caption"],
                    category=one["category"],
                    labels=one["labels"],
                )
                for name, one in PLAN.batch_shown(displays).items()
            },
            files=update(PLAN.batch_hidden(displays)),
        log:
            f"logs/draw_{batch}.log",
        benchmark:
            f"logs/benchmarks/draw_{batch}.tsv"
        # The longest first, so that no core waits for it at the end.
        priority: PLAN.batch_priority(displays)
        threads: 1
        resources:
            **PLAN.resources(f"draw_{batch}"),
        params:
            **PLAN.batch_params(displays),
        script:
            "../scripts/draw_displays.py"


# Snakemake prefers a rule without wildcards, so that files are made by the chapter's job; these two answer to a
# display's id alone, through a mark that nothing else makes.
for form, displays in {"figure": PLAN.figures, "table": PLAN.tables}.items():

    rule:
        name:
            f"draw_{form}"
        input:
            unpack(lambda wildcards: PLAN.batch_inputs([wildcards.display])),
        output:
            files=update(PLAN.batch_files(["{display}"], form)),
            mark=touch(f"{PRIVATE}/displays/alone/{{display}}"),
        log:
            "logs/draw_{display}.log",
        benchmark:
            "logs/benchmarks/draw_{display}.tsv"
        wildcard_constraints:
            display="|".join(displays) or "none",
        threads: 1
        resources:
            **PLAN.resources(f"draw_{form}"),
        params:
            entries=lambda wildcards: PLAN.batch_params([wildcards.display])["entries"],
            needs=lambda wildcards: PLAN.batch_params([wildcards.display])["needs"],
            codes=lambda wildcards: PLAN.batch_params([wildcards.display])["codes"],
            languages=lambda wildcards: PLAN.batch_params([wildcards.display])["languages"],
            settings=lambda wildcards: PLAN.batch_params([wildcards.display])["settings"],
        script:
            "../scripts/draw_displays.py"


for display in PLAN.displays:

    rule:
        name:
            display
        input:
            f"{PRIVATE}/displays/alone/{display}",
