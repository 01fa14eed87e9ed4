"""Why a run would redo what it redoes, in words, from what Snakemake says in a dry run.

``PYTHONPATH=workflow/scripts python -m introprog.why`` with the arguments of the run prints a line a job, first those
that something was changed for, then those that only follow from them. It changes nothing.
"""

import ast
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

PROFILE = Path(__file__).parents[3] / "profiles" / "default" / "config.yaml"
SHOWN = 3
LONG = 40
MISSING = "Missing output files"
PARAMS = "Params have changed since last execution"
FOLLOWS = "Input files updated by another job"
WORDS = {
    MISSING: "not there (not yet, no more, or kept only during a run): {files}",
    "Updated input files": "a file it reads has changed: {files}",
    "Set of input files has changed since last execution": "it reads other files than before: {files}",
    "Code has changed since last execution": "its script or rule has been edited",
    "Incomplete output files": "an earlier run was interrupted while it wrote {files}",
    "Forced execution": "asked for by name",
}
FLAGS = re.compile(r" \([\w, ]+\)")
CODE = re.compile(r"code (\w+), packages (\w+)")


@dataclass(frozen=True)
class Job:
    """One job of a dry run: rule, Snakemake's reason and the files it would write."""

    rule: str
    reason: str
    outputs: tuple[str, ...]


def jobs(text: str) -> list[Job]:
    """The jobs that a dry run has printed, in its order."""
    found = []
    for block in re.split(r"^(?:local)?(?:rule|checkpoint) ", text, flags=re.MULTILINE)[1:]:
        rule, _, rest = block.partition(":")
        fields = dict(re.findall(r"^    (output|reason): (.*)$", rest, re.MULTILINE))
        outputs = FLAGS.sub("", fields.get("output", "")).split(", ")
        found.append(Job(rule, fields.get("reason", "").strip(), tuple(filter(None, outputs))))
    return found


def explain(found: list[Job]) -> list[tuple[str, str]]:
    """Rule and reason in words, once each; jobs that only follow from others come last."""
    makers = {path: job.rule for job in found for path in job.outputs}
    rows = [(job.rule, _words(job.reason, makers)) for job in found if job.rule != "all"]
    return sorted(dict.fromkeys(rows), key=lambda row: row[1].startswith("follows"))


def _words(reason: str, makers: Mapping[str, str]) -> str:
    # several reasons are separated by "; "; a change of its own says more than that something before it changed,
    # and that says more than that a file is missing which is only kept until the next step has read it
    parts = [part.strip() for part in reason.split("; ") if part.strip()]
    follows = [part for part in parts if part.startswith(FOLLOWS)]
    missing = [part for part in parts if part.startswith(MISSING)]
    own = [part for part in parts if part not in follows and part not in missing] or ([] if follows else missing)
    if own:
        return "; ".join(map(_own, own))
    files = [path for part in follows for path in part.partition(": ")[2].split(", ")]
    before = list(dict.fromkeys(makers[path] for path in files if path in makers))
    return f"follows from {_few(before)}" if before else reason


def _own(part: str) -> str:
    if part.startswith(PARAMS):
        return _changed(part)
    head, _, rest = part.partition(": ")
    pattern = WORDS.get(head)
    files = _few([path for path in rest.split(", ") if path])
    # Snakemake does not always name them
    return pattern.format(files=files).removesuffix(": ") if pattern else part


def _changed(part: str) -> str:
    """What differs between the params before and now: code, packages, or choices of the config."""
    before, _, now = part.partition("before: ")[2].partition("now: ")
    old, new = (list(_leaves(_values(side))) for side in (before, now))
    was, is_now = dict(leaf for leaf in old if leaf not in new), dict(leaf for leaf in new if leaf not in old)
    words: list[str] = []
    choices: list[str] = []
    for key in {**was, **is_now}:
        codes = [CODE.fullmatch(side.get(key, "")) for side in (was, is_now)]
        if all(codes):
            user = key or "it"
            words += [f"a module that {user} uses has been edited"] if codes[0][1] != codes[1][1] else []
            words += ["a package has another version"] if codes[0][2] != codes[1][2] else []
        else:
            choices.append(_choice(key, was.get(key), is_now.get(key)))
    told = [*dict.fromkeys(words), *([f"a choice or text has changed ({_few(choices)})"] if choices else [])]
    return "; ".join(told) or part


def _choice(key: str, old: str | None, new: str | None) -> str:
    """``threshold: 5 -> 3``; long texts are not printed."""
    name = key or "value"
    if old is None or new is None:
        return f"{name} {'added' if old is None else 'taken away'}"
    return name if max(len(old), len(new)) > LONG else f"{name}: {old} -> {new}"


def _values(side: str) -> list[object]:
    """The Python values that Snakemake prints one after another, separated by commas; none when they are no such."""
    try:
        return ast.literal_eval(f"[{side.strip()}]")
    except (ValueError, SyntaxError):
        return []


def _leaves(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Every single choice with the names that lead to it."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _leaves(part, f"{path}: {key}" if path else str(key))
    elif not path and isinstance(value, list):
        for part in value:
            yield from _leaves(part, path)
    else:
        yield path, str(value)


def _few(names: list[str]) -> str:
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def dry_run(arguments: Sequence[str], python: str = sys.executable) -> str:
    """What Snakemake would do, by the project's profile but with its plain logger, which gives every reason."""
    profile = yaml.safe_load(PROFILE.read_text(encoding="utf-8"))
    profile.pop("logger", None)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "config.yaml").write_text(yaml.safe_dump(profile), encoding="utf-8")
        command = [python, "-m", "snakemake", "--dry-run", "--workflow-profile", folder, *arguments]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.stdout


def main() -> None:
    text = dry_run(sys.argv[1:])
    rows = explain(jobs(text))
    width = max((len(rule) for rule, _ in rows), default=0)
    # with nothing to explain, what Snakemake says is the answer: nothing to be done, or a message
    last = text.rstrip().rpartition("Building DAG of jobs...")[2].strip()
    print("\n".join(f"{rule:{width}}  {words}" for rule, words in rows) or last)


if __name__ == "__main__":
    main()
