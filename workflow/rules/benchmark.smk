"""Benchmark: time and peak memory of each stage beside what researchers would otherwise use, in one run."""

BENCHMARK = config["benchmark"]
CONTESTANTS = sorted(str(p) for p in (PLAN.root / "tests" / "benchmark").rglob("*") if p.suffix in (".py", ".R"))


rule benchmark:
    """The benchmark as a target of its own; needs requirements-dev.txt. docs/benchmark.md is the last one."""
    input:
        "results/benchmark/benchmark.md",


rule benchmark_extracts:
    """Raw extracts of one size, as many employment rows a person as the real register has."""
    input:
        script=str(PLAN.root / "tests" / "benchmark" / "make_extracts.py"),
    output:
        raw=directory(f"{PRIVATE}/benchmark/{{size}}/raw"),
    log:
        "logs/benchmark_extracts_{size}.log",
    wildcard_constraints:
        size=r"[0-9.]+",
    params:
        python=sys.executable,
        folder=lambda wildcards, output: str(Path(output.raw).parent),
        code=PLAN.code("simulate_extracts"),
    shell:
        "{params.python} {input.script} {wildcards.size} {params.folder} > {log} 2>&1"


rule benchmark_measure:
    """Every contestant in turn, each a process of its own; answers that differ end it. Nothing else runs meanwhile."""
    input:
        script=str(PLAN.root / "tests" / "benchmark" / "measure.py"),
        raw=rules.benchmark_extracts.output.raw,
        contestants=CONTESTANTS,
    output:
        rows="results/benchmark/rounds_{size}.csv",
    log:
        "logs/benchmark_measure_{size}.log",
    wildcard_constraints:
        size=r"[0-9.]+",
    threads: workflow.cores
    params:
        python=sys.executable,
        folder=lambda wildcards, input: str(Path(input.raw).parent),
        rounds=[BENCHMARK[name] for name in ("rounds", "usual_rounds", "whole_rounds")],
        code=[PLAN.code(name) for name in ("clean_registers", "clean_employment", "select_cohort")]
        + [PLAN.code(name) for name in ("compute_outcomes", "trace_months")],
    shell:
        "{params.python} {input.script} {params.folder} {wildcards.size} {output.rows} {params.rounds} > {log} 2>&1"


rule benchmark_table:
    """What is required of time and memory, and what was found: table, page and figure."""
    input:
        script=str(PLAN.root / "tests" / "benchmark" / "summarise.py"),
        rows=expand(rules.benchmark_measure.output.rows, size=BENCHMARK["sizes"]),
        contestants=CONTESTANTS,
    output:
        page="results/benchmark/benchmark.md",
        others=expand(
            "results/benchmark/{name}",
            name=("benchmark.csv", "measurements.csv", "benchmark.png", "machine.json"),
        ),
    log:
        "logs/benchmark_table.log",
    params:
        python=sys.executable,
        folder=lambda wildcards, output: str(Path(output.page).parent),
    shell:
        "{params.python} {input.script} {params.folder} {input.rows} > {log} 2>&1"
