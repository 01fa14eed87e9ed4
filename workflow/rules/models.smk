"""Comparison of municipalities, case mix, survey scales, and satisfaction on result."""


rule compare_municipalities:
    """Noise against signal, rank sets, funnel and the verdict against the target, at every horizon."""
    input:
        **PLAN.comparable(),
    output:
        **{
            name: update(PLAN.place(name))
            for name in (
                "signal",
                "rank_correlation",
                "target_changes",
                "forecast",
                "ranks",
                "funnel",
                "target_verdicts",
            )
        },
    log:
        "logs/compare_municipalities.log",
    benchmark:
        "logs/benchmarks/compare_municipalities.tsv"
    threads: 1
    resources:
        **PLAN.resources("compare_municipalities"),
    params:
        comparison=config["comparison"],
        study=config["study"],
        definition=config["official_definition"],
        code=PLAN.code("compare_municipalities"),
    script:
        "../scripts/compare_municipalities.py"


rule adjust_case_mix:
    """Municipal results adjusted for who the participants were, in three tiers, and results inside and outside NAV."""
    input:
        **{name: PLAN.place(name) for name in ("leavers", "outcomes", "municipalities")},
    output:
        casemix=update(PLAN.place("casemix")),
        adjusted_rates=update(PLAN.place("adjusted_rates")),
        organisation=update(PLAN.place("organisation")),
    log:
        "logs/adjust_case_mix.log",
    benchmark:
        "logs/benchmarks/adjust_case_mix.tsv"
    threads: 1
    resources:
        **PLAN.resources("adjust_case_mix"),
    params:
        comparison=config["comparison"],
        casemix=config["casemix"],
        study=PLAN.study_without("target_share"),
        disclosure=config["disclosure"],
        definition=config["official_definition"],
        stamp=PLAN.stamp("adjust_case_mix"),
        code=PLAN.code("adjust_case_mix"),
    script:
        "../scripts/adjust_case_mix.py"


rule score_survey:
    """Scales, weights and measurement quality of every wave."""
    input:
        survey_responses=PLAN.place("survey_responses"),
        survey_frame=PLAN.place("survey_frame"),
        codebook=ancient(PLAN.instruments),
    output:
        scales=update(PLAN.place("scales")),
        measurement=update(PLAN.place("measurement")),
        survey_items=update(PLAN.place("survey_items")),
    log:
        "logs/score_survey.log",
    benchmark:
        "logs/benchmarks/score_survey.tsv"
    threads: 1
    resources:
        **PLAN.resources("score_survey"),
    params:
        codebook=PLAN.content(PLAN.instruments, "text"),
        surveys=config["surveys"],
        code=PLAN.code("score_survey"),
    script:
        "../scripts/score_survey.py"


rule standardise_results:
    """Municipal results as with the average leaver, for the years that stand against each survey wave."""
    input:
        **{name: PLAN.place(name) for name in ("leavers", "outcomes")},
    output:
        standardised_results=update(PLAN.place("standardised_results")),
    log:
        "logs/standardise_results.log",
    benchmark:
        "logs/benchmarks/standardise_results.tsv"
    priority: PLAN.FIRST
    threads: 1
    resources:
        **PLAN.resources("standardise_results"),
    params:
        surveys=config["surveys"],
        definitions=PLAN.definition_rules,
        horizons=config["association"]["horizons"],
        variables=config["casemix"]["person"],
        minimum_leavers=config["comparison"]["minimum_leavers"],
        code=PLAN.code("standardise_results"),
    script:
        "../scripts/standardise_results.py"


rule link_survey:
    """Answers linked to persons where they consented, and who of one file is found in the others, by year."""
    input:
        **{
            name: PLAN.place(name)
            for name in ("survey_keys", "survey_responses", "survey_frame", "persons", "programmes", "leavers")
        },
        registers=[PLAN.place(name) for name in PLAN.matched_registers],
    output:
        **{name: update(PLAN.place(name)) for name in ("person_link", "all_matches", "matches")},
    log:
        "logs/link_survey.log",
    benchmark:
        "logs/benchmarks/link_survey.tsv"
    threads: 1
    resources:
        **PLAN.resources("link_survey"),
    params:
        registers=list(PLAN.matched_registers),
        threshold=config["disclosure"]["threshold"],
        code=PLAN.code("link_survey"),
    script:
        "../scripts/link_survey.py"


rule estimate_association:
    """Satisfaction on result: models, correlations and the verdict, for every wave and horizon."""
    input:
        **{name: PLAN.place(name) for name in ("scales", "panel", "standardised_results")},
        codebook=ancient(PLAN.instruments),
    output:
        association=update(PLAN.place("association")),
        verdict=update(PLAN.place("verdict")),
        item_association=update(PLAN.place("item_association")),
        definition_association=update(PLAN.place("definition_association")),
        municipal_link=update(PLAN.place("municipal_link")),
    log:
        "logs/estimate_association.log",
    benchmark:
        "logs/benchmarks/estimate_association.tsv"
    priority: PLAN.FIRST
    threads: 1
    resources:
        **PLAN.resources("estimate_association"),
    params:
        codebook=PLAN.content(PLAN.instruments, "text"),
        surveys=config["surveys"],
        association=config["association"],
        definitions=config["definitions"],
        code=PLAN.code("estimate_association"),
    script:
        "../scripts/estimate_association.py"


rule vary_association:
    """Satisfaction on result under every specification: definition, horizon, score, time order, adjustment, weighting."""
    input:
        **{name: PLAN.place(name) for name in ("scales", "panel", "standardised_results")},
        codebook=ancient(PLAN.instruments),
    output:
        association_specifications=update(PLAN.place("association_specifications")),
    log:
        "logs/vary_association.log",
    benchmark:
        "logs/benchmarks/vary_association.tsv"
    threads: 1
    resources:
        **PLAN.resources("vary_association"),
    params:
        codebook=PLAN.content(PLAN.instruments, "text"),
        surveys=config["surveys"],
        association=config["association"],
        definitions=PLAN.definition_rules,
        code=PLAN.code("vary_association"),
    script:
        "../scripts/vary_association.py"


rule judge_claims:
    """Every claim of the ledger by its own decision rule: once by this run, once by published figures."""
    input:
        **PLAN.claim_inputs(),
    output:
        claims=update(PLAN.place("claims")),
    log:
        "logs/judge_claims.log",
    benchmark:
        "logs/benchmarks/judge_claims.tsv"
    threads: 1
    resources:
        **PLAN.resources("judge_claims"),
    params:
        settings={name: config[name] for name in ("source", "study", "comparison", "official_definition", "disclosure")},
        code=PLAN.code("judge_claims"),
    script:
        "../scripts/judge_claims.py"


rule examine_measurement:
    """What scales and ordered logit assume: items that mean the same in every language, one slope for all steps."""
    input:
        scales=PLAN.place("scales"),
        municipal_link=PLAN.place("municipal_link"),
        codebook=ancient(PLAN.instruments),
    output:
        invariance=update(PLAN.place("invariance")),
        proportional_odds=update(PLAN.place("proportional_odds")),
    log:
        "logs/examine_measurement.log",
    benchmark:
        "logs/benchmarks/examine_measurement.tsv"
    threads: 1
    resources:
        **PLAN.resources("examine_measurement"),
    params:
        codebook=PLAN.content(PLAN.instruments, "text"),
        surveys=config["surveys"],
        association={name: config["association"][name] for name in ("primary", "covariates")},
        code=PLAN.code("examine_measurement"),
    script:
        "../scripts/examine_measurement.py"
