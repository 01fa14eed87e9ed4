"""Knows a study again whose files are all as a whole run left them: then nothing is to be done, and no job is listed.

Snakemake asks the same of each of some hundred jobs: whether what goes in, what comes out, code or choices changed.
Here a name, a size and a time stand for each file that is given (workflow, config, data, extracts) or made (results).
They are noted when a whole run has ended well, or has found nothing to do, and whatever differs, or cannot be told,
leaves the question to Snakemake.
"""

import gc
import hashlib
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from snakemake.common import NOTHING_TO_BE_DONE_MSG
from snakemake.logging import logger

RECORD = Path(".snakemake", "as_left.json")
MADE = ("results",)
TREES = ("workflow", "data", "profiles")
FILES = ("Snakefile", "config.yaml", "CITATION.cff", "README.md", "pyproject.toml", "requirements.txt")
FREE = {"all", "--", "-k", "--keep-going", "-p", "--printshellcmds", "-q", "--quiet", "--rerun-incomplete", "--ri"}
COUNTED = re.compile(r"(?:-[cj]|--cores|--jobs)(?:=?(?:\d+|all))?")
CHOICES = ("-s", "--snakefile", "-d", "--directory", "-C", "--config", "--configfile", "--configfiles")


def is_plain(arguments: Sequence[str], profile: str | None = None) -> bool:
    """Whether a call of Snakemake runs everything, and no more, as far as its ``arguments`` tell.

    Cores, words on the console and choices of the study may be among them; anything else is for Snakemake to judge,
    and so is a call by a ``profile`` of its own.
    """
    takes = ""
    for word in arguments:
        if not word.startswith("-") and takes:
            takes = takes if takes == "choice" else ""
        elif COUNTED.fullmatch(word):
            takes = "" if word[-1].isdigit() or word.endswith("all") else "number"
        elif word.partition("=")[0] in CHOICES:
            takes = "" if "=" in word else "choice"
        elif word in FREE:
            takes = ""
        else:
            return False
    return not profile


class Left:
    """What a call asks for, and the files that its answer rests on; ``workflow`` is Snakemake's.

    Made once a call, before config is read: a file that is changed while the run goes on is then another than noted.
    """

    def __init__(self, workflow, arguments: Sequence[str], environment: dict[str, str] | os._Environ = os.environ):
        root, chosen = Path(workflow.basedir), workflow.config_settings
        self.workflow = workflow
        self.plain = workflow.is_main_process and is_plain(arguments, environment.get("SNAKEMAKE_PROFILE"))
        self.asked = json.dumps([str(root), str(Path.cwd()), repr(chosen.config_args), sys.version, *_libraries()])
        self.given = [str(home / name) for home in dict.fromkeys([root, Path.cwd()]) for name in (*TREES, *FILES)]
        self.given += map(str, chosen.configfiles)
        self.seen = ""

    def as_left(self) -> bool:
        """Whether the last whole run asked the same, and all files are as it left them."""
        record = _read(RECORD) if self.plain else {}
        if record.get("asked") != self.asked:
            return False
        return look(record["given"]) == record["given_look"] and look(MADE) == record["made_look"]

    def leave(self) -> NoReturn:
        """Say what Snakemake says, and end."""
        logger.info(NOTHING_TO_BE_DONE_MSG)
        # Without a last search of all that Snakemake has loaded.
        gc.freeze()
        sys.exit()

    def begin(self, *own: str) -> None:
        """Look at what is given: the files of every study, and this one's ``own`` folders and files."""
        self.given += own
        self.seen = look(self.given) if self.plain else ""

    def end(self) -> None:
        """Note how all files are, where this call has made all or found nothing to do; else leave things alone."""
        if not (self.seen and self._all_asked() and self._covered()):
            return
        record = {"asked": self.asked, "given": self.given, "given_look": self.seen, "made_look": look(MADE)}
        part = RECORD.with_suffix(".part")
        try:
            part.write_text(json.dumps(record), encoding="utf-8")
            part.replace(RECORD)
        except OSError:
            # Without a note the next call asks Snakemake, as ever.
            part.unlink(missing_ok=True)

    def end_if_idle(self) -> None:
        """The same at the end of a call for which Snakemake found nothing to do: it tells nobody else."""
        if self.workflow.dag is not None and len(self.workflow.dag) == 0:
            self.end()

    def _all_asked(self) -> bool:
        """Not so where a profile in the folder narrows or forces what is run."""
        asked = self.workflow.dag_settings
        narrowed = (asked.until, asked.omit_from, asked.allowed_rules, asked.batch, asked.target_jobs)
        forced = (asked.forceall, asked.forcerun, asked.forcetargets, self.workflow.dryrun, self.workflow.touch)
        return set(asked.targets) <= {"all"} and not any((*narrowed, *forced))

    def _covered(self) -> bool:
        """Whether each file of each job is among those looked at."""
        places = [os.path.abspath(path) for path in (*self.given, *MADE)]
        files = {os.path.abspath(path) for job in self.workflow.dag.jobs for path in (*job.input, *job.output)}
        within = tuple(os.path.join(place, "") for place in places)
        return all(path in places or path.startswith(within) for path in files)


def forget() -> None:
    """A run begins to change things."""
    RECORD.unlink(missing_ok=True)


def look(places: Iterable[str]) -> str:
    """A hash of the path, size (bytes) and time (ns) of each file at or below ``places``; missing ones count too."""
    digest = hashlib.blake2b()
    for place in places:
        for line in sorted(_lines(place, set())):
            digest.update(line.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _lines(place: str, above: set[tuple[int, int]]) -> Iterator[str]:
    """One line a file; a folder that is reached again through a link to itself is not entered twice."""
    try:
        found = os.stat(place)
        inner = list(os.scandir(place)) if (folder := os.path.isdir(place)) else []
    except OSError:
        yield f"{place}\0missing\n"
        return
    if not folder:
        yield f"{place}\0{found.st_size}\0{found.st_mtime_ns}\n"
    elif (key := (found.st_dev, found.st_ino)) not in above:
        yield f"{place}\0folder\n"
        for entry in inner:
            if entry.name == "__pycache__":
                continue
            if entry.is_dir() or not entry.is_file():
                yield from _lines(entry.path, above | {key})
            else:
                status = entry.stat()
                yield f"{entry.path}\0{status.st_size}\0{status.st_mtime_ns}\n"


def _libraries() -> list[str]:
    """Names and times of the folders that packages are installed in: another version of one is another time."""
    folders = sorted(path for path in sys.path if path.endswith("-packages") and os.path.isdir(path))
    return [f"{path} {os.stat(path).st_mtime_ns}" for path in folders]


def _read(path: Path) -> dict:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}
