"""A reviewer's kit: the manifest of the run, the run against its expectation, and the expectation itself."""


rule write_manifest:
    """Config, code, versions and seeds of the run, and hash and row count of every input and output."""
    input:
        numbers=PLAN.numbers,
        printed=PLAN.printed,
        given=PLAN.given_files(),
        shipped=[path for name in ("codebook", "codelists", "published") for path in PLAN.shipped(name)],
    output:
        manifest=update(PLAN.manifest),
    log:
        "logs/write_manifest.log",
    benchmark:
        "logs/benchmarks/write_manifest.tsv"
    threads: 1
    resources:
        **PLAN.resources("write_manifest"),
    params:
        config=config,
        root=str(PLAN.root),
        folder=PLAN.extracts if PLAN.source == "extracts" else "",
        code=PLAN.code("write_manifest"),
    script:
        "../scripts/write_manifest.py"


rule review:
    """Compare every number and picture with the expectation; fails when something differs."""
    input:
        PLAN.manifest,
    log:
        "logs/review.txt",
    params:
        # Not outputs: a review that finds differences fails, and its page must stay.
        page="results/review/index.html",
        differences="results/review/differences.csv",
        tables=PLAN.numbers,
        pictures=PLAN.printed,
        folders=lambda wildcards: PLAN.expectations(),
        tolerance=config["review"]["tolerance"],
        names={name: PLAN.registry[name]["title"]["en"] for name in PLAN.displays},
        config=config,
    script:
        "../scripts/review_results.py"


rule freeze:
    """Store the current results as what is expected of this study; nothing private is taken."""
    input:
        PLAN.manifest,
    log:
        "logs/freeze.log",
    params:
        tables=PLAN.numbers,
        pictures=PLAN.printed,
        folder=config["review"]["expectation"],
        config=config,
    script:
        "../scripts/freeze_results.py"


rule crate:
    """The workflow and its releasable results as a Workflow RO-Crate, for an archive."""
    input:
        manifest=PLAN.manifest,
        numbers=PLAN.numbers,
        printed=PLAN.printed,
    output:
        crate="results/crate.zip",
    log:
        "logs/crate.log",
    params:
        root=str(PLAN.root),
        names={name: PLAN.registry[name]["title"]["en"] for name in PLAN.displays},
    script:
        "../scripts/write_crate.py"
