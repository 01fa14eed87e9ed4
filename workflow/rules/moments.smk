"""What the moment of measuring does: months after leaving, first stable job, definitions, moves, network, year five."""


rule trace_settlement:
    """Time from settlement to the first work or education, in the fastest and slowest quarter of municipalities."""
    input:
        **{name: PLAN.place(name) for name in ("programmes", "persons", "residence", "employment", "education")},
    output:
        settlement=update(PLAN.place("settlement")),
    log:
        "logs/trace_settlement.log",
    benchmark:
        "logs/benchmarks/trace_settlement.tsv"
    threads: 1
    resources:
        **PLAN.resources("trace_settlement"),
    params:
        study=PLAN.study_without("target_share"),
        settlement=config["settlement"],
        disclosure=config["disclosure"],
        code=PLAN.code("trace_settlement"),
    script:
        "../scripts/trace_settlement.py"


rule vary_definitions:
    """The result under every specification, by both municipalities, with end causes missing, and how late it is taken."""
    input:
        **{name: PLAN.place(name) for name in ("outcomes", "leavers", "municipalities", *PLAN.group_frame)},
    output:
        **{name: update(PLAN.place(name)) for name in PLAN.varied},
    log:
        "logs/vary_definitions.log",
    benchmark:
        "logs/benchmarks/vary_definitions.tsv"
    threads: 1
    resources:
        **PLAN.resources("vary_definitions"),
    params:
        study=config["study"],
        definitions=PLAN.definition_rules,
        official_definition=config["official_definition"],
        comparison=config["comparison"],
        network=config["network"],
        disclosure=config["disclosure"],
        code=PLAN.code("vary_definitions"),
    script:
        "../scripts/vary_definitions.py"


rule predict_late:
    """Which mix of status at 6, 12 and 24 months says most about year five, judged on municipalities left out."""
    input:
        **{name: PLAN.place(name) for name in ("states", "leavers", "outcomes")},
    output:
        surrogate=update(PLAN.place("surrogate")),
    log:
        "logs/predict_late.log",
    benchmark:
        "logs/benchmarks/predict_late.tsv"
    threads: 1
    resources:
        **PLAN.resources("predict_late"),
    params:
        study=PLAN.study_without("target_share"),
        official_definition=config["official_definition"],
        comparison=config["comparison"],
        stamp=PLAN.stamp("predict_late"),
        code=PLAN.code("predict_late"),
    script:
        "../scripts/predict_late.py"
