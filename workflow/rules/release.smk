"""What leaves the private folder: the panel after disclosure control, the audit of all outputs, a record of each."""


rule release_panel:
    """The municipality panel after disclosure control."""
    input:
        panel=PLAN.place("panel"),
    output:
        panel=update(PLAN.place("public_panel")),
    log:
        "logs/release_panel.log",
    benchmark:
        "logs/benchmarks/release_panel.tsv"
    threads: 1
    resources:
        **PLAN.resources("release_panel"),
    params:
        definitions=[config["official_definition"]],
        disclosure=config["disclosure"],
        windows=released.windows(PLAN),
        code=PLAN.code("release_panel"),
    script:
        "../scripts/release_panel.py"


rule audit_release:
    """Try to work out each hidden count from everything released; fail when one is pinned."""
    input:
        tables=released.tables(PLAN),
        panel=PLAN.place("public_panel"),
        private_panel=PLAN.place("panel"),
        registry=released.registry_path(PLAN),
    output:
        audit=update(released.AUDIT),
    log:
        "logs/audit_release.log",
    benchmark:
        "logs/benchmarks/audit_release.tsv"
    # It takes longest of all that comes after the displays.
    priority: 100
    threads: 1
    resources:
        **PLAN.resources("audit_release"),
    params:
        settings=released.audit_settings(PLAN),
        code=PLAN.code("audit_release"),
    script:
        "../scripts/audit_release.py"


rule record_release:
    """One record an output: what it is, persons behind it, controls, exception with reason, checksums."""
    input:
        audit=released.AUDIT,
        registry=released.registry_path(PLAN),
        manifest=PLAN.manifest,
    output:
        update(released.record_files(PLAN)),
    log:
        "logs/record_release.log",
    benchmark:
        "logs/benchmarks/record_release.tsv"
    threads: 1
    resources:
        **PLAN.resources("record_release"),
    params:
        outputs=released.outputs(PLAN),
        disclosure=config["disclosure"],
        answers=config["surveys"]["minimum_answers"],
        code=PLAN.code("record_release"),
    script:
        "../scripts/record_release.py"
