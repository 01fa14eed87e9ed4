"""Where the rows of an extract stand in its files, so that a fault found late can still be looked up by row number.

The index of a raw frame is the place of each row in its extract, all files put below each other. The cleaners sort,
compare and drop, but keep the index; ``Origin`` turns it back into the row numbers that one counts in the file: the
header is row 1, and in formats without a header line (Stata, SPSS, SAS, Parquet) the first observation is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from introprog.errors import SHOWN


@dataclass
class Origin:
    """For each file of an extract its name and the row numbers of what was kept of it, in the order of the index.

    ``label`` is what the files are called together; an origin without files knows no row numbers.
    """

    files: list[str] = field(default_factory=list)
    lines: list[np.ndarray | range] = field(default_factory=list)
    label: str = ""

    def add(self, file: str, lines: np.ndarray | range) -> None:
        """The rows of the next file; rows that follow each other are kept as their first and last."""
        follows = len(lines) > 0 and int(lines[-1]) - int(lines[0]) + 1 == len(lines)
        self.files.append(file)
        self.lines.append(range(int(lines[0]), int(lines[-1]) + 1) if follows else np.asarray(lines, dtype="int32"))

    @property
    def size(self) -> int:
        """Rows of all files."""
        return sum(map(len, self.lines))

    def name(self, other: str) -> str:
        """The name of the file, or of all files together; ``other`` when nothing is known."""
        return self.files[0] if len(set(self.files)) == 1 else self.label or other

    def rows(self, places: Sequence[int] | np.ndarray) -> list[int | str]:
        """Row numbers of the first few of the rows at ``places``; with the file's name where there are several."""
        several = len(set(self.files)) > 1
        return [f"{file} {line}" if several else line for file, line in self._found(places)]

    def _found(self, places: Sequence[int] | np.ndarray) -> list[tuple[str, int]]:
        if not self.files:
            return []
        ends = np.cumsum([len(lines) for lines in self.lines])
        found = []
        for at in np.sort(np.asarray(places, dtype="int64"))[:SHOWN]:
            file = int(np.searchsorted(ends, at, side="right"))
            found.append((self.files[file], int(self.lines[file][at - (ends[file - 1] if file else 0)])))
        return found

    def examples(self, places: Sequence[int] | np.ndarray) -> list[str]:
        """The same, always with the name of the file."""
        return [f"{file} {line}" for file, line in self._found(places)]


def joined(*origins: Origin) -> Origin:
    """The origin of extracts that are put below each other in the order given."""
    known = [origin for origin in origins if origin.files]
    label = " and ".join(origin.name("") for origin in known)
    return Origin([f for o in known for f in o.files], [lines for o in known for lines in o.lines], label)
