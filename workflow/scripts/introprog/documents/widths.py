"""How wide the columns of a printed table need to be, in letters: one answer for Word, Excel and PDF."""

from introprog.tables import Table

NARROWEST, NARROWEST_STUB, WIDEST, TIGHTEST = 5, 10, 40, 18
LETTER = 0.56


def letters(table: Table) -> list[int]:
    """Letters that the stub and every column need, from the longest cell and the longest word of its head.

    Two letters more make the gap between columns. None is wider than forty: longer texts break over lines.
    """
    body = [row for row in table.rows if row.kind != "head"]
    stub = max((len(row.label) + 2 * row.indent for row in body), default=0)
    needed = [min(max(stub + 2, _longest_word(table.stub), NARROWEST_STUB), WIDEST)]
    for at, column in enumerate(table.columns):
        cells = max((len(row.cells[at]) for row in body), default=0)
        needed.append(min(max(cells + 2, _longest_word(column.label), NARROWEST), WIDEST))
    # a spanning head must fit its columns together, at half its length since it may break
    at = 1
    for name, span in table.groups:
        lack = len(name) // 2 + 2 - sum(needed[at : at + span])
        needed[at : at + span] = [n + max(lack, 0) // span for n in needed[at : at + span]]
        at += span
    return needed


def _longest_word(text: str) -> int:
    """Heads are bold, so that they need more than their letters."""
    return round(1.15 * max((len(word) for word in text.split()), default=0)) + 2


def is_wide(table: Table, size: float, page: float) -> bool:
    """Whether the table at type ``size`` (points) needs more than ``page`` points, with its texts broken over lines."""
    return sum(min(count, TIGHTEST) for count in letters(table)) * LETTER * size > page


def in_points(table: Table, size: float, page: float) -> list[float]:
    """Column widths in points at type ``size``, within a page ``page`` points wide; a narrow table stays narrow.

    Where room is short the widest columns give way first, and figures keep theirs.
    """
    needed, room = letters(table), page / (LETTER * size)
    widest = next((most for most in range(WIDEST, TIGHTEST, -1) if sum(min(n, most) for n in needed) <= room), TIGHTEST)
    counts = [min(count, widest) for count in needed]
    return [count * min(LETTER * size, page / sum(counts)) for count in counts]
