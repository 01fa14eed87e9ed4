"""One rule a display, made from its entry in workflow/displays.yaml: figures and tables in every language."""

for display in PLAN.displays:

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
            id=display,
            entry=PLAN.registry[display],
            languages=config["languages"],
            settings=PLAN.display_settings(display),
            code=PLAN.display_code(display),
        script:
            f"../scripts/{PLAN.script(display)}.py"

    rule:
        name:
            display
        input:
            PLAN.twin(display),
            PLAN.files(display),
