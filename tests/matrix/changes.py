"""One thing changed in a finished study: what would be redone, and why.

``python tests/matrix/changes.py`` makes every change of ``CHANGES``, one at a time, in a copy of the project that is
marked as finished, asks for a dry run, takes the change back, and writes the table of docs/change-one-thing.md. No
study is run: what a dry run says depends on what Snakemake has noted of each file, so empty files serve.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "workflow" / "scripts"), str(ROOT / "tests")]

from introprog.why import explain, jobs  # noqa: E402
from matrix.studies import copy_project  # noqa: E402

BEGIN, END = "<!-- changes: begin -->", "<!-- changes: end -->"
PAGE = ROOT / "docs" / "change-one-thing.md"
TARGET = "all"
SHOWN = 12


@dataclass(frozen=True)
class Change:
    """One edit: in ``path`` the text ``before`` (which occurs once) becomes ``after``; empty ``before``: deleted."""

    words: str
    path: str
    before: str = ""
    after: str = ""


CHANGES = (
    Change("a comment in `config.yaml`", "config.yaml", "# Languages of every", "# The languages of every"),
    Change("a page of `docs/`", "docs/methods.md", "# Methods\n", "# Methods of estimation\n"),
    Change(
        "the caption of T-D2",
        "workflow/displays.yaml",
        "en: What goes together with the transition to work or education?",
        "en: What goes together with the transition to work?",
    ),
    Change(
        "the module of a figure (`displays/f_d5.py`)",
        "workflow/scripts/introprog/displays/f_d5.py",
        "page(context, 10.2,",
        "page(context, 10.4,",
    ),
    Change(
        "a library function (`forecast.py`)",
        "workflow/scripts/introprog/forecast.py",
        "Does an early result say anything about the late one?",
        "Does an early result say anything about a late one?",
    ),
    Change("the target (`study: target_share`)", "config.yaml", "target_share: 0.70 ", "target_share: 0.65 "),
    Change(
        "the label of a definition",
        "config.yaml",
        'en: "At least 20 hours a week"',
        'en: "Twenty hours a week or more"',
    ),
    Change("the smallest effect of interest", "config.yaml", "smallest_effect: 0.20 ", "smallest_effect: 0.15 "),
    Change(
        "the label of a variable in a codebook",
        "data/codebook/inntekt.yaml",
        'en: "Months of social assistance"',
        'en: "Months on social assistance"',
    ),
    Change(
        "the limits of a variable in a codebook",
        "data/codebook/inntekt.yaml",
        "range: [0, 12]",
        "range: [0, 13]",
    ),
    Change(
        "the text of an item in a codebook",
        "data/codebook/survey_imdi.yaml",
        "The programme is useful for the work I want afterwards",
        "The programme is of use for the work I want afterwards",
    ),
    Change(
        "a row of the published figures",
        "data/published/figures.csv",
        ",no individual plan made,10,ca 1100,nav_nibr2019,",
        ",no individual plan made,11,ca 1100,nav_nibr2019,",
    ),
    Change("a deleted result", "results/models/forecast.csv"),
)
# In a study of one's own files: a person's row there.
EXTRACTS = {"a row of `inntekt.csv`": "inntekt.csv", "an answer in `survey_imdi_2021.csv`": "survey_imdi_2021.csv"}
PACKAGE = "a new version of matplotlib"


@contextmanager
def made(change: Change, study: Path) -> Iterator[None]:
    """The change, taken back afterwards with the file's time."""
    path = study / change.path
    content, times = path.read_bytes(), path.stat()
    if change.before:
        text = content.decode("utf-8")
        if text.count(change.before) != 1:
            raise ValueError(f"{change.path} has {text.count(change.before)} times {change.before!r}")
        path.write_text(text.replace(change.before, change.after), encoding="utf-8", newline="")
    else:
        path.unlink()
    try:
        yield
    finally:
        path.write_bytes(content)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


@contextmanager
def upgraded(package: str, folder: Path) -> Iterator[dict[str, str]]:
    """The environment in which ``package`` says that it has another version."""
    home = folder / f"{package}-99.0.dist-info"
    home.mkdir(parents=True)
    (home / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 99.0\n", encoding="utf-8")
    yield {"PYTHONPATH": str(folder)}


def finished(study: Path) -> Path:
    """A copy of the project where every result of the target is there, empty, and noted as made by the present code."""
    return noted(copy_project(study))


def own_files(study: Path) -> Path:
    """The same for a study of own files: the simulator's, small, in ``data/raw``."""
    from introprog.simulate.extracts import simulate_extracts

    copy_project(study)
    config = yaml.safe_load((study / "config.yaml").read_text(encoding="utf-8"))
    simulate_extracts(study / "data" / "raw", {**config["synthetic"], "scale": 0.01}, config["study"])
    text = (study / "config.yaml").read_text(encoding="utf-8")
    (study / "config.yaml").write_text(text.replace("source: synthetic", "source: extracts", 1), encoding="utf-8")
    return noted(study)


def changed_row(words: str, study: Path, name: str) -> Change:
    """The second line of an extract becomes a copy of the third."""
    lines = (study / "data" / "raw" / name).read_text(encoding="utf-8").split("\n")
    return Change(words, f"data/raw/{name}", "\n".join(lines[:2]), "\n".join([lines[0], lines[2]]))


def noted(study: Path) -> Path:
    """Every result of the target, empty, with what Snakemake notes of a file that the present code has made."""
    for job in jobs(_dry_run(study, {}, "--forceall")):
        for output in job.outputs:
            path = study / output
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    command = [sys.executable, "-m", "snakemake", "--touch", "--forceall", "--cores", "1", "--", TARGET]
    subprocess.run(command, cwd=study, check=True, capture_output=True)
    return study


def planned(study: Path, environment: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
    """Rule and reason of every job that a run of ``study`` would redo now."""
    return explain(jobs(_dry_run(study, environment or {})))


def _dry_run(study: Path, environment: Mapping[str, str], *options: str) -> str:
    script = "import sys\nfrom introprog.why import dry_run\nprint(dry_run(sys.argv[1:]))"
    paths = [environment.get("PYTHONPATH", ""), str(study / "workflow" / "scripts")]
    done = subprocess.run(
        [sys.executable, "-c", script, "--cores", "1", *options, "--", TARGET],
        cwd=study,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        capture_output=True,
        text=True,
        check=True,
    )
    if "Building DAG" not in done.stdout:
        raise RuntimeError(done.stdout[-3000:])
    return done.stdout


def row(words: str, found: list[tuple[str, str]]) -> str:
    """A line of the table: what changed, the jobs it changed for and why, and those that follow."""
    # by name, since the order of a dry run is not that of the steps and varies
    own = sorted((rule, why) for rule, why in found if not why.startswith("follows from"))
    follow = sorted(rule for rule, why in found if why.startswith("follows from"))
    reasons = "; ".join(dict.fromkeys(why for _, why in own))
    cells = [words, ", ".join(f"`{rule}`" for rule, _ in own) or "nothing", reasons]
    cells.append(_some([f"`{rule}`" for rule in follow if rule not in {name for name, _ in own}]))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _some(rules: list[str]) -> str:
    more = len(rules) - SHOWN
    return ", ".join(rules) if more <= 1 else f"{', '.join(rules[:SHOWN])} and {more} more"


def table(study: Path, own: Path, scratch: Path) -> str:
    """The whole table as Markdown: ``study`` as shipped, ``own`` on own files."""
    lines = ["| what is changed | redone for it | the reason that is printed | follows |", "|" + " --- |" * 4]
    tried = [(study, change) for change in CHANGES]
    tried += [(own, changed_row(words, own, name)) for words, name in EXTRACTS.items()]
    for where, change in tried:
        with made(change, where):
            lines.append(row(change.words, planned(where)))
        print(lines[-1], flush=True)
    with upgraded("matplotlib", scratch) as environment:
        lines.append(row(PACKAGE, planned(study, environment)))
    print(lines[-1], flush=True)
    return "\n".join(lines)


def renewed(page: str, text: str) -> str:
    """The page with ``text`` between its marks."""
    head, tail = page.split(BEGIN)[0], page.split(END)[1]
    return f"{head}{BEGIN}\n{text}\n{END}{tail}"


def main() -> None:
    import tempfile

    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        studies = finished(Path(scratch) / "study"), own_files(Path(scratch) / "own")
        for study in studies:
            if planned(study):
                raise SystemExit(f"not finished: {planned(study)[:3]}")
        text = table(*studies, Path(scratch) / "packages")
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8"), text), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
