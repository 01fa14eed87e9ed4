"""The R scripts behind the reference results: what they need, running them anew, and holding both answers together.

The tests compare the pipeline with the committed results and need no R. This is for whoever doubts those results.
"""

import json
import math
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from introprog.errors import InputError, Problem, raise_if

RSCRIPT = "Rscript"
TOLERANCE = 1e-5
NEAR_ZERO = 1e-8
NEEDED = re.compile(r"\blibrary\((\w+(?:\.\w+)*)\)")
DEBIAN = "on Debian: apt install r-base-core"


def packages_of(script: str) -> list[str]:
    """The R packages that the text of a script loads, sorted."""
    return sorted(set(NEEDED.findall(script)))


def require_r(packages: Sequence[str], where: str, rscript: str = RSCRIPT) -> None:
    """Raise ``InputError`` when R is not installed, or for all packages that it lacks."""
    if shutil.which(rscript) is None:
        hint = f"{DEBIAN}; the tests compare with the committed results and need no R"
        raise InputError([Problem(where, "Q1", f"{rscript} was not found", "R, to run the script anew", hint)])
    asked = ", ".join(f'"{name}"' for name in packages)
    text = f"for (p in c({asked})) if (!requireNamespace(p, quietly = TRUE)) cat(p, sep = '\\n')" if asked else ""
    found = subprocess.run([rscript, "-e", text], capture_output=True, text=True, check=False).stdout.split()
    debian = " ".join(f"r-cran-{name.lower()}" for name in found)
    what, hint = "R packages that the script loads are not installed", f"on Debian: apt install {debian}"
    raise_if([Problem(where, "Q2", what, hint=hint, values=found)] if found else [])


def run_reference(script: str | Path, rscript: str = RSCRIPT) -> dict:
    """Run an R script in a copy of its folder; what it wrote as ``<name>.json``.

    Raises ``InputError`` with the last lines of R where the script fails or leaves no such file.
    """
    script = Path(script)
    require_r(packages_of(script.read_text(encoding="utf-8")), script.name, rscript)
    with TemporaryDirectory() as folder:
        for path in sorted(script.parent.iterdir()):
            if path.suffix in (".csv", ".R"):
                shutil.copy(path, folder)
        done = subprocess.run(
            [rscript, "--vanilla", script.name], cwd=folder, capture_output=True, text=True, check=False
        )
        answer = Path(folder) / f"{script.stem}.json"
        if done.returncode or not answer.is_file():
            told = " / ".join((done.stderr or "no message").strip().splitlines()[-3:])
            raise InputError([Problem(script.name, "Q3", "the R script did not finish", f"{answer.name}", told)])
        return json.loads(answer.read_text(encoding="utf-8"))


def compare(study: str, found: Mapping, committed: Mapping, tolerance: float = TOLERANCE) -> pd.DataFrame:
    """One row a value: ``study, value, committed, found, difference, agrees``.

    Numbers agree when their difference is within ``tolerance`` of the committed one (or under 1e-8); everything else
    must be the same. Versions of R and its packages are listed and need not agree. A value that only one side has does
    not agree.
    """
    before, after = dict(_flat(committed)), dict(_flat(found))
    rows = []
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        gap = abs(new - old) if isinstance(old, float) and isinstance(new, float) else math.nan
        same = gap <= max(tolerance * abs(old), NEAR_ZERO) if not math.isnan(gap) else old == new
        agrees = "not compared" if name.startswith("versions.") else "yes" if same else "no"
        rows.append(
            {"study": study, "value": name, "committed": old, "found": new, "difference": gap, "agrees": agrees}
        )
    return pd.DataFrame(rows, columns=["study", "value", "committed", "found", "difference", "agrees"])


def require_agreement(table: pd.DataFrame) -> None:
    """Raise ``InputError`` for every study that has values which do not agree (columns of ``compare``)."""
    problems = []
    for study, part in table[table["agrees"] == "no"].groupby("study", sort=True):
        what = "values of R differ from the committed ones"
        hint = "if R or a package has changed its answer on purpose: snakemake --cores 1 refresh_reference"
        problems.append(
            Problem(f"{study}.json", "Q4", what, f"equal within {TOLERANCE:g}", hint, len(part), values=part["value"])
        )
    raise_if(problems)


def _flat(value: object, name: str = "") -> Iterator[tuple[str, object]]:
    """Dotted names and values of nested mappings and lists; numbers as float."""
    pairs = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else None
    if pairs is None:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        yield name, float(value) if number else value
        return
    for key, inner in pairs:
        yield from _flat(inner, f"{name}.{key}" if name else str(key))
