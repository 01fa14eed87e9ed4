"""Messages for the researcher: every fault of an input at once, what was expected, and a hint; never a person id."""

import difflib
import re
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from introprog.lifeline import end_with_run, is_job
from introprog.light_start import end_work, start_work

SHOWN = 5
HIDEABLE = re.compile(r"\b(?=(?:\w*?\d){5})\w+")


@dataclass(frozen=True)
class Problem:
    """One fault of one input.

    ``where`` names the file and, if any, the column; ``rule`` is the rule id; ``rows`` are 1-based row numbers of the
    file (header = 1), with its name before them where ``where`` stands for several, and ``values`` the offending
    values, of which at most five are shown. Person ids never belong here.
    """

    where: str
    rule: str
    what: str
    expected: str = ""
    hint: str = ""
    count: int | None = None
    rows: Sequence[int | str] = field(default_factory=tuple)
    values: Sequence[object] = field(default_factory=tuple)

    def __str__(self) -> str:
        lines = [
            f"{self.where} [{self.rule}]: {self.what}"
            + (f" ({self.count:,} {'row' if self.count == 1 else 'rows'})" if self.count else "")
        ]
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
    """Turn an ``InputError`` into a message on stderr (and in the log) and exit status 1, without a traceback.

    So too an error that means too little memory or a full disk. A fault of the pipeline keeps its traceback, but what
    the exceptions say of values is hidden: a person key could be among them.
    Every script of a rule runs inside: this is also where a job is tied to the run that started it.
    """
    if is_job():
        end_with_run()
        start_work()
    try:
        yield
    except InputError as error:
        _tell(str(error), log)
        sys.exit(1)
    except Exception as error:
        from introprog.shortage import shortage

        short = shortage(error)
        _tell(_discreet(error) if short is None else f"The run stopped:\n{short}", log)
        sys.exit(1)
    finally:
        if is_job():
            end_work()


def _tell(text: str, log: str | None) -> None:
    print(text, file=sys.stderr)
    # where the disk is full there is no room for the log either
    with suppress(OSError):
        if log:
            with open(log, "a", encoding="utf-8") as stream:
                stream.write(f"{text}\n")


def _discreet(error: BaseException) -> str:
    """The traceback with every word of a message that holds five digits hidden; the lines of code stay as they are."""
    links = [error]
    while (before := links[-1].__cause__ or links[-1].__context__) is not None:
        links.append(before)
    return "\n\n".join(map(_link, reversed(links)))


def _link(error: BaseException) -> str:
    frames = "".join(traceback.format_tb(error.__traceback__))
    said = [f"{type(error).__name__}: {error}", *getattr(error, "__notes__", ())]
    return f"Traceback:\n{frames}" + "\n".join(HIDEABLE.sub("(hidden)", line) for line in said)
