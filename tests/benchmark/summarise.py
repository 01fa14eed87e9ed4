"""The table of the benchmark: medians, what is required beside what was found, in CSV and Markdown, and a figure."""

import json
import os
import sys
from pathlib import Path

import pandas as pd
from measure import CHANGES, FROM_CLEAN, FROM_CSV, FROM_PARQUET, NATIONAL, SAME_JOB, STAGES
from usual.own import RULES

TOTAL = "outcomes and months from raw CSV, a process a stage"
WHOLE = "whole run"
SINGLE = "official definition"
# What is required: part of the pipeline, other contestant and part, largest ratio allowed, in words.
RATIOS = [
    (FROM_CSV, "pyarrow", "parse only", 2.5, "outcomes and months from raw CSV / only parsing the columns"),
    (FROM_CSV, "data.table", SAME_JOB, 1.0, "outcomes and months from raw CSV / data.table, the same job"),
    (FROM_CSV, "data.table", SINGLE, 1.0, "outcomes and months from raw CSV / data.table, official one"),
    (FROM_PARQUET, "DuckDB", SINGLE, 1.5, "all definitions from raw Parquet / DuckDB, official one"),
    (FROM_PARQUET, "polars", SINGLE, 1.5, "all definitions from raw Parquet / polars, official one"),
    (FROM_CLEAN, "DuckDB", SINGLE, 1.5, "all definitions from clean Parquet / DuckDB from raw Parquet, official one"),
    (FROM_CLEAN, "polars", SINGLE, 1.5, "all definitions from clean Parquet / polars from raw Parquet, official one"),
]
# The same of whole runs, which are made at national size and more.
WHOLE_RATIOS = [
    (WHOLE, "usual way", "whole", 1 / 6, "from raw CSV to every display and the report / the usual way"),
    ("nothing to do", "Snakemake", "--version", 1.7, "nothing to do / snakemake --version"),
    *((words, "pipeline", WHOLE, 0.5, f"{words} / whole run") for words, *_ in CHANGES),
]
OWN = ("Snakemake", "own work in the whole run", 0.15, "Snakemake's own CPU time / that of the whole run")
MEMORY = {1.0: 600, 10.0: 1500}
GROWTH = 11
GROWN = "outcomes and months from raw CSV / the same at national size"
PEAK = "outcomes and months from raw CSV: peak memory, MB"
DETAIL = ["scale", "contestant", "part", "rounds", "wall_s", "cpu_s", "peak_mb"]
REQUIRED = ["scale", "claim", "required", "found", "found_cpu", "rounds", "verdict"]


def with_total(rows: pd.DataFrame) -> pd.DataFrame:
    """The measurements with the pipeline's stages together as a part of its own: seconds added up, the largest peak."""
    stages = rows[(rows["contestant"] == "pipeline") & rows["part"].isin(STAGES)]
    added = stages.groupby(["scale", "contestant", "round"], as_index=False).agg(
        wall_s=("wall_s", "sum"), cpu_s=("cpu_s", "sum"), peak_mb=("peak_mb", "max")
    )
    return pd.concat([rows, added.assign(part=TOTAL)], ignore_index=True)


def medians(rows: pd.DataFrame) -> pd.DataFrame:
    """A row a scale, contestant and part: rounds and medians over the rounds."""
    groups = rows.groupby(["scale", "contestant", "part"], sort=False)
    found = groups.agg(
        rounds=("round", "size"), wall_s=("wall_s", "median"), cpu_s=("cpu_s", "median"), peak_mb=("peak_mb", "median")
    )
    return found.reset_index()[DETAIL]


def _of(rows: pd.DataFrame, scale: float, contestant: str, part: str) -> pd.DataFrame:
    chosen = (rows["scale"] == scale) & (rows["contestant"] == contestant) & (rows["part"] == part)
    return rows[chosen].set_index("round")


def _verdict(found: float, required: float) -> str:
    return "not measured" if pd.isna(found) else "met" if found <= required else "not met"


def requirements(rows: pd.DataFrame) -> pd.DataFrame:
    """What is required of the pipeline and what was found; ratios are medians of the ratios within a round.

    ``rows``: measurements with totals (``with_total``). What was not measured says so.
    """
    claims = []
    for scale in sorted(rows["scale"].unique()):
        for part, other, other_part, limit, text in RATIOS + (WHOLE_RATIOS if scale >= NATIONAL else []):
            ours, theirs = _of(rows, scale, "pipeline", part), _of(rows, scale, other, other_part)
            wall, cpu = ((ours[c] / theirs[c]).dropna() for c in ("wall_s", "cpu_s"))
            claims.append((scale, text, limit, wall.median(), cpu.median(), len(wall)))
        if scale >= NATIONAL:
            share = (_of(rows, scale, *OWN[:2])["cpu_s"] / _of(rows, scale, "pipeline", WHOLE)["cpu_s"]).dropna()
            claims.append((scale, OWN[3], OWN[2], share.median(), share.median(), len(share)))
        if scale in MEMORY:
            peak = _of(rows, scale, "pipeline", FROM_CSV)["peak_mb"]
            claims.append((scale, PEAK, MEMORY[scale], peak.median(), float("nan"), len(peak)))
        if scale == 10 and 1 in set(rows["scale"]):
            small, large = (_of(rows, s, "pipeline", FROM_CSV) for s in (1, 10))
            wall, cpu = (large[c].median() / small[c].median() for c in ("wall_s", "cpu_s"))
            claims.append(
                (scale, "outcomes and months from raw CSV / the same at national size", GROWTH, wall, cpu, len(large))
            )
    table = pd.DataFrame(claims, columns=[c for c in REQUIRED if c != "verdict"])
    table["verdict"] = [_verdict(f, r) for f, r in zip(table["found"], table["required"])]
    return table


def machine() -> dict[str, str]:
    """Cores, memory and processor of this machine, and versions of what was compared."""
    from importlib.metadata import version

    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    packages = ("pandas", "numpy", "pyarrow", "duckdb", "polars")
    return {
        "processor": model,
        "cores": str(os.cpu_count()),
        "memory": f"{memory:.0f} GB",
        "busy": f"{os.getloadavg()[2]:.1f} processes on average in the last 15 minutes",
        **{name: version(name) for name in packages},
    }


def markdown(detail: pd.DataFrame, required: pd.DataFrame, about: dict[str, str]) -> str:
    """The page: requirements, measurements, machine."""
    lines = ["# Benchmark", "", _INTRODUCTION, "", "## What is required", "", _row(*REQUIRED_HEAD), _rule(7)]
    for row in required.itertuples():
        found = ("-" if pd.isna(v) else f"{v:.3g}" for v in (row.found, row.found_cpu))
        lines.append(_row(f"{row.scale:g}", row.claim, f"{row.required:.3g}", *found, row.rounds, row.verdict))
    lines += ["", "## Measurements", "", _row(*DETAIL_HEAD), _rule(7)]
    for row in detail.itertuples():
        numbers = (f"{row.wall_s:.2f}", f"{row.cpu_s:.2f}", f"{row.peak_mb:.0f}")
        lines.append(_row(f"{row.scale:g}", row.contestant, row.part, row.rounds, *numbers))
    lines += ["", "## Machine", "", *(f"- {name}: {value}" for name, value in about.items()), ""]
    return "\n".join(lines)


_INTRODUCTION = """\
`snakemake --cores 2 benchmark` writes this page anew to `results/benchmark/`. Size 1 is national: 100,000
persons, 14 million monthly employment rows, 5 million rows from Nav. Every contestant is a process of its
own; all run once a round, in turn, and their answers are compared with the pipeline's row by row before they
count. Ratios are medians of the ratios within a round: of wall time, and beside it of CPU time, which tells
more on a machine with other work. Rows of fewer than five rounds are a first look, not a finding.

Stages: the pipeline makes all definitions, all months and an account of every fault in the files; so does
data.table in the same job, but for the account. DuckDB, polars and data.table answer the official definition
only, and correct what that needs. All of them take leavers and residence as the pipeline cleaned them. Only
parsing is of the columns that the pipeline needs, the number of the job among them, by which rows that are
there twice are told from second jobs.

The usual way (`tests/benchmark/usual/`) is the same work as a careful person writes it in pandas who does not
think of speed: a script a step, two at a time, registers merged with the leavers moment by moment, functions
called a group or a person at a time where the rule is one of a person, pandas' own sums and vectors where those
come first to mind. It reads the raw registers, follows all leavers through all definitions and sixty months,
counts the panel, scores, weights and measures the survey, fits by formula what statsmodels has a formula for
(linear models and ordered logits with clustered errors, random intercepts, case mix, results standardised for
every comparison) and the weighted ordered logit by a class that multiplies the log-likelihood, fits anew for each
of the 999 draws of the wild cluster bootstrap and for each municipality left out, makes the whole specification
curve, draws leavers anew a thousand times for the noise in municipal results, and makes each figure and table in a
process of its own that loads pandas, statsmodels.api and pyplot, as such scripts do. The drawing itself is the
pipeline's own; so are, a process each, the disclosure control of the panel, the audit across outputs and the records,
the reconciliation with published figures, the claims, the report, the documents, the table files and the manifest,
which have no usual way (`own.py`). Displays and these read the tables of the whole run.

In its favour, it leaves out what it takes ready-made from the whole run or does not do: leavers and residence out of
the programme registers, the cleaning of survey files, Satterthwaite degrees of freedom (CR2) and intervals of the
bootstrap, ordered logits with random intercepts, meta-regressions and binomial models, models with the result
adjusted, the jackknife of ordered logits for all but the score and definition of the question, verdicts, rank sets,
funnel, signal and forecast, groups followed, settlement, categorical omega, invariance and proportional odds.
Outcomes, months, panel, the numbers of all displays and the files of the pipeline's own steps are equal, and so are
the p-values of the bootstrap, which has the same draws; errors and correlations agree to 1e-6, standardised results and
the specification curve to 1e-5, ordered logits and random intercepts as far as optimisers go (1e-3), errors by
other draws to a fifth, and errors by fits in place of single Newton steps to a twentieth.

Of whole runs one thing is changed after another: a caption, a model, a definition."""
REQUIRED_HEAD = ("size", "pipeline / other", "at most", "found", "found, CPU", "rounds", "verdict")
DETAIL_HEAD = ("size", "contestant", "part", "rounds", "wall s", "CPU s", "peak MB")


def _row(*cells: object) -> str:
    return "| " + " | ".join(map(str, cells)) + " |"


def _rule(columns: int) -> str:
    return "|" + " --- |" * columns


STEPS = ("own work in the whole run", "--version", "read_registers", "outcomes", "months", "panel", "satisfaction")
STEPS += ("specifications", "casemix", "standardise", "displays", "survey", "few_municipalities", "ordered")
STEPS += ("ordered_jackknife", "municipal_noise", *RULES)


def draw(detail: pd.DataFrame):
    """Wall time and peak memory of each contestant at each size, on logarithmic axes."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogLocator, NullFormatter

    hidden = detail["part"].isin(set(STAGES) - {"compute_outcomes"}) | detail["part"].isin(STEPS)
    shown = detail[~hidden].sort_values("part", key=lambda part: part != TOTAL, kind="stable")
    names = list(dict.fromkeys(f"{c}: {p}" for c, p in zip(shown["contestant"], shown["part"])))
    figure = Figure(figsize=(9.5, 0.8 + 0.36 * len(names)), layout="constrained")
    axes = figure.subplots(1, 2, sharey=True)
    sizes = sorted(shown["scale"].unique())
    marks = dict(zip(sizes, zip("os^D", ("#0072B2", "#D55E00", "#009E73", "#1a1a1a"))))
    for axis, column, text in ((axes[0], "wall_s", "seconds (median)"), (axes[1], "peak_mb", "peak memory, MB")):
        for size in sizes:
            part = shown[(shown["scale"] == size) & (shown[column] > 0)]
            height = [names.index(f"{c}: {p}") for c, p in zip(part["contestant"], part["part"])]
            marker, colour = marks[size]
            low, high = part["rounds"].min(), part["rounds"].max()
            rounds = f"{low}" if low == high else f"{low}-{high}"
            label = f"size {size:g}, rounds: {rounds}"
            axis.plot(part[column], height, marker, color=colour, label=label, ls="none")
        axis.set_xscale("log")
        axis.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if column == "peak_mb" else (1,)))
        axis.xaxis.set_major_formatter("{x:,g}")
        axis.xaxis.set_minor_formatter(NullFormatter())
        axis.set_xlabel(text)
        axis.grid(axis="x", color="#d8d8d8", lw=0.6)
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].set_yticks(range(len(names)), names)
    axes[0].invert_yaxis()
    figure.legend(*axes[1].get_legend_handles_labels(), loc="outside upper right", ncols=2, frameon=False)
    return figure


def main(target: Path, sources: list[Path]) -> None:
    """Write ``benchmark.csv``, ``measurements.csv``, ``benchmark.md``, ``benchmark.png`` and ``machine.json``."""
    rows = with_total(pd.concat([pd.read_csv(source) for source in sources], ignore_index=True))
    detail, required, about = medians(rows), requirements(rows), machine()
    target.mkdir(parents=True, exist_ok=True)
    required.to_csv(target / "benchmark.csv", index=False, float_format="%.4g", lineterminator="\n")
    detail.to_csv(target / "measurements.csv", index=False, float_format="%.4g", lineterminator="\n")
    (target / "benchmark.md").write_text(markdown(detail, required, about), encoding="utf-8")
    (target / "machine.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    draw(detail).savefig(target / "benchmark.png", dpi=150)


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(p) for p in sys.argv[2:]])
