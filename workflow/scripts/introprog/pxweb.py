"""Fetching a StatBank table from the PxWeb API: in pieces that the service accepts, kept as they come, resumed.

Whole-table queries are refused, so a table is asked for one code of the first split variable (the year) and one block
of the second (the regions) at a time. Each answer is cached byte for byte as JSON-stat2, with its status symbols; an
index beside them, ``extraction.json``, holds what was asked, the day each piece came by the service's clock, and its
checksum. A second call asks only for what is missing, and for nothing when nothing is.

A table that is renewed while it is being fetched would leave pieces of two editions; pieces older than the newest
edition seen are asked for again.
"""

import json
import logging
import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from hashlib import sha256
from itertools import pairwise
from math import ceil, prod
from pathlib import Path

from introprog import jsonstat2
from introprog.errors import InputError, Problem, nearest, raise_if
from introprog.pxweb_service import Refused, Service

LOG = logging.getLogger(__name__)
INDEX = "extraction.json"
SPLIT = ("Tid", "Region")
MAX_CELLS = 800_000
CHANGES = 5

Query = Mapping[str, str | Sequence[str]]
Selection = dict[str, list[str]]


@dataclass(frozen=True)
class Piece:
    """One cached answer: its file, the one code and the block it covers, the table's edition and the day it came."""

    name: str
    code: str
    block: tuple[str, ...]
    edition: str
    extracted: str
    checksum: str


@dataclass(frozen=True)
class Extraction:
    """A table's cells by ``selection``, cut along the variables ``split``, with the pieces that are there."""

    selection: Selection
    split: tuple[str, str]
    max_cells: int
    pieces: tuple[Piece, ...] = ()

    def cells(self, block: Sequence[str]) -> int:
        return len(block) * prod(len(codes) for name, codes in self.selection.items() if name not in self.split)

    def current(self) -> tuple[Piece, ...]:
        """The pieces of the newest edition seen."""
        newest = max((piece.edition for piece in self.pieces), default="")
        return tuple(piece for piece in self.pieces if piece.edition == newest)

    def missing(self) -> list[tuple[str, list[str]]]:
        """What is still to be asked for: a code of the first split variable and a block of the second, each."""
        one, many = self.split
        longest = max(1, self.max_cells // self.cells([""]))
        todo = []
        for code in self.selection[one]:
            there = {c for piece in self.current() if piece.code == code for c in piece.block}
            rest = [c for c in self.selection[many] if c not in there]
            count = ceil(len(rest) / longest)
            cuts = [len(rest) * i // count for i in range(count + 1)] if count else []
            todo += [(code, rest[a:b]) for a, b in pairwise(cuts)]
        return todo


def fetch(
    table_url: str,
    directory: str | Path,
    query: Query,
    *,
    split: tuple[str, str] = SPLIT,
    max_cells: int = MAX_CELLS,
    pause: float = 2.5,
    retries: int = 5,
    timeout: float = 60.0,
    longest_wait: float = 120.0,
    sleep: Callable[[float], None] = time.sleep,
) -> list[Path]:
    """JSON-stat2 files under ``directory`` that together hold the cells that ``query`` selects, sorted by name.

    ``query`` names every variable of the table and its codes, or patterns of them (``*`` any text, ``?`` one character,
    ``[0-9]`` one digit). An answer holds one code of ``split[0]`` and a block of ``split[1]``, at most ``max_cells``
    cells, fewer once the service has refused so many. ``pause``, ``timeout`` and ``longest_wait`` are in seconds. No
    request is made when all is there already; delete ``directory`` to extract the table anew.

    Raises ``InputError`` with what was asked, what came and a hint; what came before stays for the next call.
    """
    if not re.match(r"https?://[^/]", table_url):
        hint = "it looks like https://data.ssb.no/api/v0/no/table/10824"
        raise InputError([Problem("statbank: url", "W1", f"{table_url!r:.80} is no web address", hint=hint)])
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    wanted = {name: [codes] if isinstance(codes, str) else list(codes) for name, codes in query.items()}
    index, asked = _read_index(directory), _hash([table_url, wanted])
    known = index["request"] == asked
    if not known or _resumed(directory, index, split, max_cells).missing():
        service = Service(table_url, pause, retries, timeout, longest_wait, sleep)
        metadata, _ = service.get(_metadata)
        index |= {"url": table_url, "title": str(metadata.get("title", "")), "request": asked}
        index["selection"] = resolve(metadata["variables"], wanted, split)
        _complete(service, directory, index, _resumed(directory, index, split, max_cells))
    return sorted(directory / name for name in index["pieces"])


def merged(directory: str | Path) -> dict:
    """One JSON-stat2 dataset of the pieces that ``fetch`` left in ``directory``.

    Its ``extension`` says where and when it was extracted, for ``jsonstat2.stated``: ``url``, ``title``, ``extracted``
    (the last day a piece came, ``YYYY-MM-DD``, by the service's clock) and ``request`` (a hash of what was asked).
    Raises ``InputError`` when the pieces do not make a whole.
    """
    index = _read_index(Path(directory))
    days = [piece["extracted"] for piece in index["pieces"].values()]
    stated = {**{k: index[k] for k in ("url", "title", "request")}, "extracted": max(days, default="")}
    try:
        pieces = [jsonstat2.parse_dataset((Path(directory) / name).read_bytes()) for name in sorted(index["pieces"])]
        return {**jsonstat2.merge(pieces), "extension": {"extraction": stated}}
    except (OSError, jsonstat2.Unusable) as fault:
        hint = "delete the folder and fetch the table again"
        raise InputError([Problem(f"StatBank, {Path(directory).name}", "W6", str(fault), hint=hint)]) from None


def resolve(
    variables: Sequence[Mapping], query: Mapping[str, Sequence[str]], split: Sequence[str] = SPLIT
) -> Selection:
    """The codes that ``query`` selects of the table's ``variables`` (``code``, ``values``), in the table's order.

    Raises ``InputError`` with every variable that is unknown or left out, and every code or pattern without a match:
    PxWeb itself would silently sum over a variable that is left out.
    """
    known = {variable["code"]: list(map(str, variable["values"])) for variable in variables}
    problems = [
        Problem(f"query of the table, {name}", "W5", "the table has no such variable", hint=nearest(name, list(known)))
        for name in dict.fromkeys((*query, *split))
        if name not in known
    ]
    lacking = [name for name in known if name not in query]
    if lacking:
        what, hint = "variables are left out", "select all their codes with *"
        problems.append(Problem("query of the table", "W5", what, hint=hint, values=lacking))
    for name, patterns in query.items():
        for pattern in patterns if name in known else ():
            if not any(fnmatchcase(code, pattern) for code in known[name]):
                hint = nearest(pattern, known[name][:40])
                problems.append(Problem(f"query of the table, {name}", "W5", f"no code fits {pattern!r}", hint=hint))
    raise_if(problems)
    return {name: [c for c in codes if any(fnmatchcase(c, p) for p in query[name])] for name, codes in known.items()}


def _complete(service: Service, directory: Path, index: dict, state: Extraction) -> None:
    """Ask for what is missing until nothing is; every piece and the index are on disk before the next request."""
    changes, smaller = 0, False
    while todo := state.missing():
        if changes > CHANGES:
            hint = "the table is being renewed; what came is kept, run again later"
            raise InputError([service.problem("W7", f"the table's edition changed {changes} times", hint)])
        try:
            piece = _ask(service, directory, state, *todo[0])
        except Refused as refusal:
            state, smaller = _smaller(service, state, *todo[0], refusal), True
        else:
            # Only now: a service that is closed for a while refuses everything, which teaches nothing of its limit.
            index |= {"accepted_cells": state.max_cells} if smaller else {}
            changes += any(former.edition != piece.edition for former in state.current())
            state = replace(state, pieces=(*(p for p in state.pieces if p.name != piece.name), piece))
            index["pieces"][piece.name] = _entry(piece)
            _write(directory / INDEX, _json(index))
    _forget(directory, index, state.current())


def _ask(service: Service, directory: Path, state: Extraction, code: str, block: Sequence[str]) -> Piece:
    """One piece, asked for, checked and written."""
    one, many = state.split
    LOG.info("asking for %s %s, %d codes of %s, %d cells", one, code, len(block), many, state.cells(block))
    part = {**state.selection, one: [code], many: list(block)}
    try:
        (content, edition), day = service.post(_body(part), lambda answer: _answer(answer, part))
    except InputError as error:
        came = f"asked for {one} {code}, {len(block)} codes of {many}; {len(state.current())} answers came before"
        raise InputError([replace(problem, what=f"{problem.what}; {came}") for problem in error.problems]) from None
    name = re.sub(r"[^0-9A-Za-z_-]", "-", f"{code}_{block[0]}-{block[-1]}") + ".json"
    _write(directory / name, content)
    return Piece(name, code, tuple(block), edition, day or edition[:10], sha256(content).hexdigest())


def _smaller(service: Service, state: Extraction, code: str, block: Sequence[str], refusal: Refused) -> Extraction:
    """The extraction in smaller pieces, after ``block`` was refused; raises ``InputError`` when it cannot be cut."""
    cells = state.cells(block)
    LOG.info("%d cells are refused: %s", cells, refusal)
    if len(block) == 1:
        hint = "the service may be closed to this network: try the address in a browser"
        what = f"even {cells} cells ({code}, {block[0]}) are refused: {refusal}"
        raise InputError([service.problem("W2", what, hint)]) from None
    return replace(state, max_cells=max(1, cells // 2))


def _forget(directory: Path, index: dict, used: Sequence[Piece]) -> None:
    """Drop pieces of older editions and other queries, and what an interruption left half-written."""
    former = index["pieces"]
    index["pieces"] = {piece.name: _entry(piece) for piece in used}
    _write(directory / INDEX, _json(index))
    for name in former.keys() - index["pieces"].keys():
        (directory / name).unlink(missing_ok=True)
    for rest in directory.glob("*.part"):
        rest.unlink()


def _entry(piece: Piece) -> dict[str, str]:
    return {"edition": piece.edition, "extracted": piece.extracted, "checksum": piece.checksum}


def _resumed(directory: Path, index: dict, split: tuple[str, str], max_cells: int) -> Extraction:
    """The extraction that ``index`` describes, with those of its pieces that are whole and of the same selection."""
    selection, (one, many) = index["selection"], split
    pieces = []
    for name, entry in index["pieces"].items():
        try:
            content = (directory / name).read_bytes()
            codes = jsonstat2.codes_of(jsonstat2.parse_dataset(content))
        except (OSError, jsonstat2.Unusable):
            continue
        if sha256(content).hexdigest() != entry["checksum"] or codes.keys() != selection.keys():
            continue
        same = all(sorted(codes[n]) == sorted(selection[n]) for n in selection if n not in split)
        inside = len(codes[one]) == 1 and all(set(codes[n]) <= set(selection[n]) for n in split)
        if same and inside:
            pieces.append(Piece(name, codes[one][0], tuple(codes[many]), **entry))
    return Extraction(selection, split, min(max_cells, index.get("accepted_cells", max_cells)), tuple(pieces))


def _read_index(directory: Path) -> dict:
    """The index; an empty one when there is none or it is damaged, for the pieces can always be fetched again."""
    empty = {"url": "", "title": "", "request": "", "selection": {}, "pieces": {}}
    try:
        index = jsonstat2.parse((directory / INDEX).read_bytes())
    except (OSError, jsonstat2.Unusable):
        return empty
    return index if empty.keys() <= index.keys() else empty


def _metadata(content: bytes) -> dict:
    data = jsonstat2.parse(content)
    variables = data.get("variables")
    if not isinstance(variables, list) or not all(
        isinstance(v, dict) and {"code", "values"} <= v.keys() for v in variables
    ):
        raise jsonstat2.Unusable("no description of a PxWeb table")
    return data


def _answer(content: bytes, asked: Selection) -> tuple[bytes, str]:
    """The answer as it came and the table's edition, when its cells are exactly those asked for."""
    data = jsonstat2.parse_dataset(content)
    codes = jsonstat2.codes_of(data)
    other = [name for name in {**asked, **codes} if sorted(codes.get(name, ())) != sorted(asked.get(name, ()))]
    if other:
        raise jsonstat2.Unusable(f"other codes than asked for: {', '.join(other)}")
    return content, str(data.get("updated") or "")


def _body(selection: Selection) -> dict:
    query = [{"code": n, "selection": {"filter": "item", "values": codes}} for n, codes in selection.items()]
    return {"query": query, "response": {"format": "json-stat2"}}


def _hash(value: object) -> str:
    return sha256(json.dumps(value, sort_keys=True, ensure_ascii=True).encode("ascii")).hexdigest()


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode("utf-8")


def _write(path: Path, content: bytes) -> None:
    """All of it or nothing: a temporary name, then a rename."""
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    os.replace(part, path)
