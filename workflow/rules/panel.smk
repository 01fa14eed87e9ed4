"""Outcomes of every leaver and the panel by region, from own registers or from StatBank."""

if PLAN.source == "statbank":

    # The pieces are no output: what came before a failure stays for the next run, which asks only for the rest.
    rule fetch_statbank:
        """Fetch the table in two parts from the PxWeb service, when config names no file of it."""
        output:
            tables=PLAN.statbank_tables,
        log:
            "logs/fetch_statbank.log",
        benchmark:
            "logs/benchmarks/fetch_statbank.tsv"
        threads: 1
        resources:
            **PLAN.resources("fetch_statbank"),
        params:
            url=PLAN.statbank_url(),
            queries=PLAN.statbank_folders,
            pause_seconds=config["statbank"]["pause_seconds"],
            retries=5,
            timeout_seconds=60,
        script:
            "../scripts/fetch_statbank.py"

    rule read_statbank:
        """Read StatBank table 10824 into the panel's contract; suppressed cells stay suppressed."""
        input:
            files=PLAN.statbank_files(),
        output:
            region_status=update(PLAN.place("region_status")),
            panel=update(PLAN.place("panel")),
            days=update(PLAN.place("statbank_days")),
        log:
            "logs/read_statbank.log",
        benchmark:
            "logs/benchmarks/read_statbank.tsv"
        threads: 1
        resources:
            **PLAN.resources("read_statbank"),
        params:
            extracted=config["statbank"]["extracted"],
            displaced_rows=config["statbank"]["displaced_rows"],
            code=PLAN.code("read_statbank"),
        script:
            "../scripts/read_statbank.py"

else:

    rule build_panel:
        """Counts by region, sex, horizon and definition, from the outcomes."""
        input:
            outcomes=PLAN.place("outcomes"),
            leavers=PLAN.place("leavers"),
            statuses=PLAN.shared("codelists", "status.csv"),
        output:
            region_status=update(PLAN.place("region_status")),
            panel=update(PLAN.place("panel")),
        log:
            "logs/build_panel.log",
        benchmark:
            "logs/benchmarks/build_panel.tsv"
        priority: PLAN.FIRST
        threads: 1
        resources:
            **PLAN.resources("build_panel"),
        params:
            definitions=PLAN.definition_rules,
            code=PLAN.code("build_panel"),
        script:
            "../scripts/build_panel.py"


if PLAN.source != "statbank":

    rule describe_municipalities:
        """Size, centrality, unemployment and who the leavers were, by municipality, after disclosure control."""
        input:
            **{name: PLAN.place(name) for name in ("leavers", "municipalities", "public_panel")},
        output:
            municipality_profile=update(PLAN.place("municipality_profile")),
        log:
            "logs/describe_municipalities.log",
        benchmark:
            "logs/benchmarks/describe_municipalities.tsv"
        threads: 1
        resources:
            **PLAN.resources("describe_municipalities"),
        params:
            comparison=config["comparison"],
            definition=config["official_definition"],
            disclosure=config["disclosure"],
            code=PLAN.code("describe_municipalities"),
        script:
            "../scripts/describe_municipalities.py"


rule follow_groups:
    """The same leavers followed by sex, age, country background, county and municipality, after disclosure control."""
    input:
        **PLAN.followable(),
        panel=PLAN.place("panel"),
    output:
        **{name: update(PLAN.place(name)) for name in PLAN.followed},
    log:
        "logs/follow_groups.log",
    benchmark:
        "logs/benchmarks/follow_groups.tsv"
    threads: 1
    resources:
        **PLAN.resources("follow_groups"),
    params:
        followup=config["followup"],
        study=PLAN.study_without("target_share"),
        definition=config["official_definition"],
        employed="work_only",
        employed_horizons=config["definitions"].get("work_only", {}).get("horizons", []),
        disclosure=config["disclosure"],
        compared=config["comparison"]["exit_years"],
        windows=released.windows(PLAN),
        stamp=PLAN.stamp("follow_groups"),
        code=PLAN.code("follow_groups"),
    script:
        "../scripts/follow_groups.py"


rule reconcile_published:
    """Own figures beside the published ones, with difference and source."""
    input:
        **PLAN.reconcilable(),
        published=PLAN.shared("published", "figures.csv"),
        sources=PLAN.shared("published", "sources.csv"),
    output:
        reconciliation=update(PLAN.place("reconciliation")),
    log:
        "logs/reconcile_published.log",
    benchmark:
        "logs/benchmarks/reconcile_published.tsv"
    threads: 1
    resources:
        **PLAN.resources("reconcile_published"),
    params:
        study=PLAN.study_without("target_share"),
        definition=config["official_definition"],
        stamp=PLAN.stamp("reconcile_published"),
        code=PLAN.code("reconcile_published"),
    script:
        "../scripts/reconcile_published.py"
