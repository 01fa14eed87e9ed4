"""Messages for the researcher: every fault of an input at once, what was expected, and a hint; never a person id."""

import difflib
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

SHOWN = 5


@dataclass(frozen=True)
class Problem:
    """One fault of one input.

    ``where`` names the file and, if any, the column; ``rule`` is the rule id; ``rows`` are 1-based row numbers of the
    file (header = 1) and ``values`` the offending values, of which at most five are shown. Person ids never
    belong here.
    """

    where: str
    rule: str
    what: str
    expected: str = ""
    hint: str = ""
    count: int | None = None
    rows: Sequence[int] = field(default_factory=tuple)
    values: Sequence[object] = field(default_factory=tuple)

    def __str__(self) -> str:
        lines = [f"{self.where} [{self.rule}]: {self.what}" + (f" ({self.count:,} rows)" if self.count else "")]
        if len(self.values):
            seen = list(dict.fromkeys(map(str, self.values)))[:SHOWN]
            lines.append("  values: " + ", ".join(repr(v[:40]) for v in seen))
        if len(self.rows):
            lines.append("  rows: " + ", ".join(str(r) for r in list(self.rows)[:SHOWN]))
        lines += [f"  {name}: {text}" for name, text in (("expected", self.expected), ("hint", self.hint)) if text]
        return "\n".join(lines)


class InputError(Exception):
    """All the faults found in the inputs; printing it gives the whole message."""

    def __init__(self, problems: Sequence[Problem]):
        self.problems = tuple(problems)
        super().__init__(str(self))

    def __str__(self) -> str:
        head = f"{len(self.problems)} problem{'s' if len(self.problems) != 1 else ''} in the input:"
        return "\n".join([head, *(str(p) for p in self.problems)])


def raise_if(problems: Sequence[Problem]) -> None:
    """Raise ``InputError`` with all problems if there are any."""
    if problems:
        raise InputError(problems)


def nearest(word: str, known: Sequence[str]) -> str:
    """A hint that names the nearest known word, or all of them when none is near."""
    close = difflib.get_close_matches(str(word), [str(k) for k in known], n=1)
    return f"did you mean {close[0]!r}?" if close else "known: " + ", ".join(str(k) for k in known)


def warn(notes: Sequence[Problem], log: str | None = None) -> None:
    """Tell on stderr (and in the log) what was found and does not stop the run."""
    for note in notes:
        if log:
            with open(log, "a", encoding="utf-8") as stream:
                stream.write(f"{note}\n")
        print(note, file=sys.stderr)


@contextmanager
def reported(log: str | None = None) -> Iterator[None]:
    """Turn an ``InputError`` into a message on stderr (and in the log) and exit status 1, without a traceback."""
    try:
        yield
    except InputError as error:
        if log:
            with open(log, "a", encoding="utf-8") as stream:
                stream.write(f"{error}\n")
        print(error, file=sys.stderr)
        sys.exit(1)
