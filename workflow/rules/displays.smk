"""One rule a display, made from its entry in workflow/displays.yaml: figures and tables in every language."""

# A rule's script is looked up after the loop has ended, so figures and tables have a loop each.
for display in PLAN.figures:

    rule:
        name:
            PLAN.rule_name(display)
        input:
            **PLAN.inputs(display),
        output:
            csv=update(PLAN.twin(display)),
            files=update(PLAN.files(display)),
        log:
            f"logs/{PLAN.rule_name(display)}.log",
        benchmark:
            f"logs/benchmarks/{PLAN.rule_name(display)}.tsv"
        params:
            **PLAN.display_params(display),
        script:
            "../scripts/draw_figure.py"


for display in PLAN.tables:

    rule:
        name:
            PLAN.rule_name(display)
        input:
            **PLAN.inputs(display),
        output:
            csv=update(PLAN.twin(display)),
            files=update(PLAN.files(display)),
        log:
            f"logs/{PLAN.rule_name(display)}.log",
        benchmark:
            f"logs/benchmarks/{PLAN.rule_name(display)}.tsv"
        params:
            **PLAN.display_params(display),
        script:
            "../scripts/write_table.py"


for display in PLAN.displays:

    rule:
        name:
            display
        input:
            PLAN.twin(display),
            PLAN.files(display),
