"""The same study under other Pythons, cores, locales, time zones, hash seeds and places: are the results the same?

``python tests/matrix/run_matrix.py`` runs the study at a fiftieth of its size once for each row of ``DESIGN``, compares
every result with those of the first row, and writes ``docs/same-everywhere.md`` and ``.csv``. An interpreter that has
the packages of requirements.txt is named by ``--python 3.12=/path/to/python``; for versions that are not named uv or
venv makes an environment, and when the machine has no such Python the row is left out, with the reason in the table. A
row takes four minutes or more; ``--rows 1 2`` runs some of them. Exit status 1 when a number differs by more than the
tolerance of a review, or a byte where the packages are the same.
"""

import argparse
import csv
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from matrix.studies import ROOT, SMALL, checksums, copy_project, digest, numbers_differ, packages, run, unequal

# That of a review (config.yaml, review: tolerance).
TOLERANCE = {"relative": 1e-6, "absolute": 1e-9}
PLACES = {
    "checkout": "in the checkout itself",
    "elsewhere": "`--directory` elsewhere",
    "spaces": "checkout and run in a path with spaces, æ, ø and å",
    "read-only": "read-only checkout, `--directory` elsewhere",
}


@dataclass(frozen=True)
class Setting:
    """One row of the matrix: how the study is run, not what it is."""

    python: str
    cores: int
    locale: str
    timezone: str
    hash_seed: str
    place: str


# Every level occurs at least twice and never with the same company, so that a difference can be told from its rows.
DESIGN = (
    Setting("3.11", 2, "C", "UTC", "0", "checkout"),
    Setting("3.12", 1, "nb_NO.UTF-8", "Pacific/Kiritimati", "1", "spaces"),
    Setting("3.13", 4, "tr_TR.UTF-8", "Etc/GMT+12", "random", "read-only"),
    Setting("3.11", 4, "nb_NO.UTF-8", "Etc/GMT+12", "1", "elsewhere"),
    Setting("3.12", 2, "tr_TR.UTF-8", "Pacific/Kiritimati", "random", "read-only"),
    Setting("3.13", 1, "C", "Pacific/Kiritimati", "0", "spaces"),
    Setting("3.11", 1, "tr_TR.UTF-8", "Pacific/Kiritimati", "random", "elsewhere"),
)


@dataclass(frozen=True)
class Finding:
    """What came of one row, beside the first one. ``left_out`` says why it was not run.

    ``numbers`` are tables with other numbers, ``beyond`` those of them that differ by more than the tolerance of a
    review, ``odd`` files with other bytes, ``packages`` those of another version, which alone excuse it.
    """

    setting: Setting
    seconds: float = 0.0
    files: int = 0
    numbers: Sequence[str] = ()
    beyond: Sequence[str] = ()
    odd: Sequence[str] = ()
    packages: Sequence[str] = ()
    digest: str = ""
    left_out: str = ""
    failed: str = ""


def locale_exists(name: str) -> bool:
    """Whether the system has the locale; C is everywhere."""
    if name == "C":
        return True
    listed = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False).stdout
    return name.lower().replace("-", "") in {line.lower().replace("-", "") for line in listed.split()}


def find_interpreter(version: str) -> str | None:
    """An interpreter of this version: the one that runs, one on the path, or one of pyenv.

    It must say its version: the name may be that of a stand-in that finds no Python behind it.
    """
    homes = Path.home().glob(f".pyenv/versions/{version}.*/bin/python")
    for path in (sys.executable, shutil.which(f"python{version}"), *map(str, sorted(homes))):
        if path and _version(path) == version:
            return path
    return None


def _version(python: str) -> str:
    told = "import sys; print('{}.{}'.format(*sys.version_info))"
    return subprocess.run([python, "-c", told], capture_output=True, text=True, check=False).stdout.strip()


def environment_of(version: str, scratch: Path) -> str | None:
    """A Python of this version with the locked packages; made under ``scratch`` when it is not the running one."""
    found = find_interpreter(version)
    if found in (None, sys.executable):
        return found
    home = scratch / f"python-{version}"
    python = str(home / "bin" / "python")
    lock = ["--require-hashes", "-r", str(ROOT / "requirements.txt")]
    if shutil.which("uv"):
        subprocess.run(["uv", "venv", "-q", "--python", found, str(home)], check=True)
        subprocess.run(["uv", "pip", "install", "-q", "--python", python, *lock], check=True)
    else:
        subprocess.run([found, "-m", "venv", str(home)], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *lock], check=True)
    return python


@contextmanager
def read_only(folder: Path) -> Iterator[bool]:
    """Take away the right to write in ``folder``; false when it is still there (root may write anywhere)."""
    mounted = os.geteuid() == 0 and not subprocess.run(["mount", "--bind", folder, folder], check=False).returncode
    if mounted:
        subprocess.run(["mount", "-o", "remount,ro,bind", folder], check=False)
    else:
        for path in (folder, *folder.rglob("*")):
            path.chmod(path.stat().st_mode & ~0o222)
    try:
        yield not os.access(folder, os.W_OK)
    finally:
        if mounted:
            subprocess.run(["umount", folder], check=False)
        else:
            for path in (folder, *folder.rglob("*")):
                path.chmod(path.stat().st_mode | 0o200)


def run_setting(
    setting: Setting, python: str, scratch: Path, displays: Sequence[str] = ()
) -> tuple[Path, subprocess.CompletedProcess]:
    """Run the study under one setting in a fresh folder; the folder and the finished process."""
    name = "et sted på øya" if setting.place == "spaces" else "place"
    home = scratch / f"row-{len(list(scratch.glob('row-*'))) + 1}" / name
    checkout = copy_project(home / "intro")
    folder = checkout if setting.place in ("checkout", "spaces") else home / "study"
    folder.mkdir(exist_ok=True)
    variables = {"LC_ALL": setting.locale, "TZ": setting.timezone, "PYTHONHASHSEED": setting.hash_seed}
    changes = SMALL + (f"displays: [{', '.join(displays)}]\n" if displays else "")
    arguments = {"checkout": checkout, "python": python, "environment": variables, "changes": changes}
    if setting.place != "read-only":
        return folder, run(folder, "--cores", str(setting.cores), **arguments)
    with read_only(checkout) as enforced:
        if not enforced:
            raise PermissionError("this system does not let a folder be made read-only")
        return folder, run(folder, "--cores", str(setting.cores), **arguments)


def compare(setting: Setting, done: tuple[Path, subprocess.CompletedProcess], first: Path, seconds: float) -> Finding:
    """The results of a row against those of the first one."""
    folder, process = done
    if process.returncode:
        return Finding(setting, seconds, failed=process.stdout[-3000:])
    files = checksums(folder)
    odd = unequal(files, checksums(first))
    numbers = numbers_differ(odd, folder, first)
    beyond = numbers_differ(numbers, folder, first, **TOLERANCE)
    versions, known = packages(folder), packages(first)
    others = [f"{name} {version}" for name, version in sorted(versions.items()) if known.get(name) != version]
    return Finding(setting, seconds, len(files), numbers, beyond, odd, others, digest(folder))


def matrix(
    design: Sequence[Setting], pythons: dict[str, str], scratch: Path, displays: Sequence[str] = ()
) -> Iterator[Finding]:
    """Every row in turn; a row whose Python or locale is not to be had is left out with the reason."""
    first = None
    for setting in design:
        if not locale_exists(setting.locale):
            yield Finding(setting, left_out=f"the system has no locale {setting.locale}")
        elif setting.python not in pythons:
            yield Finding(setting, left_out=f"no Python {setting.python} was found")
        else:
            start = time.monotonic()
            try:
                done = run_setting(setting, pythons[setting.python], scratch, displays)
            except PermissionError as error:
                yield Finding(setting, left_out=str(error))
                continue
            first = first or done[0]
            yield compare(setting, done, first, time.monotonic() - start)


def verdict(finding: Finding) -> tuple[str, str]:
    """Numbers and bytes, in words."""
    if finding.left_out:
        return "not tried", finding.left_out
    if finding.failed:
        return "the run failed", ""
    numbers = "equal"
    if finding.numbers:
        numbers = f"{len(finding.beyond)} tables differ" if finding.beyond else "equal within tolerance"
    return numbers, f"{len(finding.odd)} of {finding.files} files differ" if finding.odd else "equal"


def cells(finding: Finding) -> list[str]:
    row = asdict(finding.setting)
    told = ", ".join(finding.packages) or ("" if finding.left_out or finding.failed else "the same")
    return [*map(str, row.values()), told, *verdict(finding), str(finding.files)]


def page(findings: Sequence[Finding], displays: Sequence[str] = ()) -> str:
    """The page docs/same-everywhere.md; ``displays`` are those of the study, all when none is named."""
    heads = ["Python", "cores", "LC_ALL", "TZ", "PYTHONHASHSEED", "place", "packages", "numbers", "bytes", "files"]
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    lines += ["| " + " | ".join(cells(one)) + " |" for one in findings]
    odd = sorted({name for one in findings for name in one.odd})
    text = (ROOT / "tests" / "matrix" / "page.md").read_text(encoding="utf-8")
    places = "\n".join(f"- `{name}`: {words}" for name, words in PLACES.items())
    differing = "\n".join(f"- `{name}`" for name in odd) or "None."
    digests = {one.digest for one in findings if one.digest and not one.packages}
    same = "the same in all rows" if len(digests) == 1 else f"not the same: {len(digests)}"
    same += " with the same packages" if any(one.packages for one in findings) else ""
    told = f"The manifest's digest is {same}." if digests else "No run came to its end."
    made = f"the displays {', '.join(displays)} and all that goes with them" if displays else "all displays"
    return text.format(table="\n".join(lines), places=places, differing=differing, digests=told, made=made)


def write(findings: Sequence[Finding], folder: Path, displays: Sequence[str] = ()) -> None:
    """The page and its plain numbers."""
    (folder / "same-everywhere.md").write_text(page(findings, displays), encoding="utf-8", newline="\n")
    with (folder / "same-everywhere.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        counts = ["files", "tables_with_other_numbers", "tables_beyond_tolerance", "files_with_other_bytes"]
        writer.writerow([*asdict(DESIGN[0]), "other_packages", *counts, "note"])
        for one in findings:
            note = one.left_out or ("the run failed" if one.failed else "")
            found = [" ".join(one.packages), one.files, len(one.numbers), len(one.beyond), len(one.odd)]
            writer.writerow([*asdict(one.setting).values(), *found, note])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", action="append", default=[], metavar="VERSION=PATH")
    parser.add_argument("--rows", type=int, nargs="*", help="rows of the design, from 1; the first is always run")
    parser.add_argument("--scratch", type=Path, help="folder for the runs (0.1 GB a row); default: a temporary one")
    parser.add_argument("--displays", nargs="*", default=[], help="only these displays, without a report")
    parser.add_argument("--keep", action="store_true", help="leave the runs where they are")
    parser.add_argument("--cores-at-most", type=int, default=4, help="for a machine that is used by others too")
    given = parser.parse_args()
    scratch = given.scratch or Path(tempfile.mkdtemp(prefix="matrix-"))
    scratch.mkdir(parents=True, exist_ok=True)
    chosen = [s for n, s in enumerate(DESIGN, 1) if not given.rows or n in {1, *given.rows}]
    chosen = [replace(s, cores=min(s.cores, given.cores_at_most)) for s in chosen]
    pythons = dict(pair.split("=", 1) for pair in given.python)
    for version in sorted({s.python for s in chosen} - set(pythons)):
        found = environment_of(version, scratch)
        pythons |= {version: found} if found else {}
    findings: list[Finding] = []
    for found in matrix(chosen, pythons, scratch, given.displays):
        findings.append(found)
        print(*cells(found), f"{found.seconds:.0f} s", found.failed, sep=" | ", flush=True)
        if not given.rows:
            write(findings, ROOT / "docs", given.displays)
    if not given.keep:
        shutil.rmtree(scratch)
    return 1 if any(one.failed or one.beyond or (one.odd and not one.packages) for one in findings) else 0


if __name__ == "__main__":
    sys.exit(main())
