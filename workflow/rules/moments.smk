"""What the moment of measuring does: months after leaving, first stable job, definitions, moves, network, year five."""


rule trace_months:
    """State of every leaver, month by month after the programme, and the shares in each state."""
    input:
        **{name: PLAN.place(name) for name in ("leavers", "employment", "education", "welfare", "income", "residence")},
    output:
        states=update(PLAN.place("states")),
        chronogram=update(PLAN.place("chronogram")),
    log:
        "logs/trace_months.log",
    benchmark:
        "logs/benchmarks/trace_months.tsv"
    threads: 1
    resources:
        **PLAN.resources("trace_months"),
    params:
        study=config["study"],
        months=config["months"],
        disclosure=config["disclosure"],
        code=PLAN.code("trace_months"),
    script:
        "../scripts/trace_months.py"


rule trace_incidence:
    """Cumulative incidence of the first stable job, with emigration and death as competing events."""
    input:
        **{name: PLAN.place(name) for name in ("states", "leavers")},
    output:
        incidence=update(PLAN.place("incidence")),
    log:
        "logs/trace_incidence.log",
    benchmark:
        "logs/benchmarks/trace_incidence.tsv"
    threads: 1
    resources:
        **PLAN.resources("trace_incidence"),
    params:
        study=config["study"],
        stable_job=config["stable_job"],
        disclosure=config["disclosure"],
        code=PLAN.code("trace_incidence"),
    script:
        "../scripts/trace_incidence.py"


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
        study=config["study"],
        settlement=config["settlement"],
        disclosure=config["disclosure"],
        code=PLAN.code("trace_settlement"),
    script:
        "../scripts/trace_settlement.py"


rule vary_definitions:
    """The result under every specification, bounds for missing end causes, and how long after leaving it is measured."""
    input:
        **{name: PLAN.place(name) for name in ("outcomes", "leavers")},
    output:
        **{name: update(PLAN.place(name)) for name in ("specifications", "end_cause_bounds", "elapsed")},
    log:
        "logs/vary_definitions.log",
    benchmark:
        "logs/benchmarks/vary_definitions.tsv"
    threads: 1
    resources:
        **PLAN.resources("vary_definitions"),
    params:
        study=config["study"],
        definitions=config["definitions"],
        official_definition=config["official_definition"],
        comparison=config["comparison"],
        disclosure=config["disclosure"],
        code=PLAN.code("vary_definitions"),
    script:
        "../scripts/vary_definitions.py"


rule describe_moves:
    """Programme against present municipality: moves between them, and the result on either basis."""
    input:
        **{name: PLAN.place(name) for name in ("outcomes", "municipalities")},
    output:
        moves=update(PLAN.place("moves")),
    log:
        "logs/describe_moves.log",
    benchmark:
        "logs/benchmarks/describe_moves.tsv"
    threads: 1
    resources:
        **PLAN.resources("describe_moves"),
    params:
        study=config["study"],
        definitions=config["definitions"],
        official_definition=config["official_definition"],
        comparison=config["comparison"],
        disclosure=config["disclosure"],
        code=PLAN.code("describe_moves"),
    script:
        "../scripts/describe_moves.py"


rule compare_network:
    """A named group of municipalities against the others, before and after, and year by year."""
    input:
        **{name: PLAN.place(name) for name in ("outcomes", "leavers", "survey_frame")},
    output:
        network=update(PLAN.place("network")),
    log:
        "logs/compare_network.log",
    benchmark:
        "logs/benchmarks/compare_network.tsv"
    threads: 1
    resources:
        **PLAN.resources("compare_network"),
    params:
        study=config["study"],
        network=config["network"],
        official_definition=config["official_definition"],
        disclosure=config["disclosure"],
        code=PLAN.code("compare_network"),
    script:
        "../scripts/compare_network.py"


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
        study=config["study"],
        official_definition=config["official_definition"],
        comparison=config["comparison"],
        code=PLAN.code("predict_late"),
    script:
        "../scripts/predict_late.py"
