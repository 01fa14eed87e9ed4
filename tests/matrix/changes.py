"""One thing changed in a finished study: what would be redone, and why.

``python tests/matrix/changes.py --study FOLDER`` makes each change of ``CHANGES``, one at a time, in ``FOLDER`` (a copy
of the project after a whole run with ``small.yaml``), asks for a dry run, takes the change back, and writes the table
of docs/change-one-thing.md. A heavy test holds the table against the workflow.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "workflow" / "scripts"), str(ROOT / "tests")]

from introprog.why import explain, jobs  # noqa: E402

BEGIN, END = "<!-- changes: begin -->", "<!-- changes: end -->"
PAGE = ROOT / "docs" / "change-one-thing.md"


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


def planned(study: Path, environment: dict[str, str] | None = None) -> list[tuple[str, str]]:
    """Rule and reason of every job that a run of ``study`` would redo now."""
    script = "import sys\nfrom introprog.why import dry_run\nprint(dry_run(sys.argv[1:]))"
    paths = [str(study / "workflow" / "scripts"), (environment or {}).get("PYTHONPATH", "")]
    done = subprocess.run(
        [sys.executable, "-c", script, "--cores", "1", "--configfile", "small.yaml", "--", "displays"],
        cwd=study,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, reversed(paths)))},
        capture_output=True,
        text=True,
        check=True,
    )
    if "Building DAG" not in done.stdout:
        raise RuntimeError(done.stdout[-3000:])
    return explain(jobs(done.stdout))


def row(words: str, found: list[tuple[str, str]]) -> str:
    """A line of the table: what changed, the jobs it changed for and why, and those that follow."""
    own = [(rule, why) for rule, why in found if not why.startswith("follows from")]
    follow = [rule for rule, why in found if why.startswith("follows from")]
    reasons = "; ".join(dict.fromkeys(why for _, why in own))
    cells = [words, ", ".join(f"`{rule}`" for rule, _ in own) or "nothing", reasons]
    cells.append(", ".join(f"`{rule}`" for rule in follow if rule not in {name for name, _ in own}))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def table(study: Path, scratch: Path) -> str:
    """The whole table as Markdown."""
    lines = ["| what is changed | redone for it | the reason that is printed | follows |", "|" + " --- |" * 4]
    for change in CHANGES:
        with made(change, study):
            lines.append(row(change.words, planned(study)))
        print(lines[-1], flush=True)
    with upgraded("matplotlib", scratch) as environment:
        found = planned(study, environment)
        own = sum(not why.startswith("follows from") for _, why in found)
        everything = {rule for rule, _ in found}
        short = [(f"all {own} jobs with a script", "a package has another version")] if len(everything) > 20 else found
        lines.append(row(PACKAGE, short).replace("`all", "all").replace("script`", "script"))
    return "\n".join(lines)


def renewed(page: str, text: str) -> str:
    """The page with ``text`` between its marks."""
    head, tail = page.split(BEGIN)[0], page.split(END)[1]
    return f"{head}{BEGIN}\n{text}\n{END}{tail}"


def main() -> None:
    import tempfile

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--study", type=Path, required=True)
    study = parser.parse_args().study.resolve()
    if planned(study):
        raise SystemExit(f"{study} is not a finished run: {planned(study)[:3]}")
    with tempfile.TemporaryDirectory() as scratch:
        text = table(study, Path(scratch))
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8"), text), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
