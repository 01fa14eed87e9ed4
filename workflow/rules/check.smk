"""The check of raw extracts before a run."""


rule check:
    """Read and check every extract that config.yaml names; the report is also in logs/check.html."""
    input:
        extracts=PLAN.extract_files(),
        codebook=PLAN.shipped("codebook"),
        corrections=PLAN.corrections,
        codelists=[PLAN.shared("codelists", f"{name}.csv") for name in ("country_groups", "nus2000_levels")],
    log:
        text="logs/check.txt",
    params:
        directory=lambda wildcards: PLAN.extracts,
        # Not an output: a check that finds problems fails, and the page must stay.
        page="logs/check.html",
        study=config["study"],
        waves=PLAN.waves(),
        person_link=config["surveys"]["person_link"],
        # A function: in a plain text Snakemake takes {year} for a wildcard.
        left_out=lambda wildcards: list(PLAN.supply_lines()),
        overlays=PLAN.overlays,
        corrections=next(iter(PLAN.corrections), None),
    script:
        "../scripts/check_extracts.py"


rule refresh_codelists:
    """Ask KLASS for the code lists of the municipality vintage; the only rule that asks it, and only when it is named.

    The snapshot is for comparison with the lists that a run uses; nothing takes it up by itself.
    """
    output:
        snapshot=directory(f"data/codelists/klass_{config['study']['municipality_vintage']}-01-01"),
    log:
        "logs/refresh_codelists.log",
    params:
        url=PLAN.klass,
        dates=[f"{config['study']['first_exit_year']}-01-01", f"{config['study']['municipality_vintage']}-01-01"],
        timeout_seconds=60,
    script:
        "../scripts/refresh_codelists.py"
