"""JSON-stat2 datasets as PxWeb gives them: checked for being whole, and pieces put together to one.

A cell without a number carries a status symbol (``:`` suppressed, ``.`` and ``..`` missing); symbols are kept, never
turned into numbers. Format: https://json-stat.org/full/
"""

import json
from collections.abc import Mapping, Sequence
from math import prod

import numpy as np

Codes = Mapping[str, Sequence[str]]


class Unusable(ValueError):
    """What came is not what was asked for: cut off, not JSON, or of other cells."""


def parse(content: bytes) -> dict:
    """The JSON object in ``content``; raises ``Unusable`` when it is cut off or is something else, as a web page."""
    try:
        data = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Unusable("not UTF-8 text") from None
    except json.JSONDecodeError as error:
        begins = content[:40].decode("latin-1")
        raise Unusable(f"not whole JSON ({len(content):,} bytes, begins {begins!r}): {error.msg}") from None
    if not isinstance(data, dict):
        raise Unusable(f"a JSON {type(data).__name__} in place of an object")
    return data


def parse_dataset(content: bytes) -> dict:
    """The JSON-stat2 dataset in ``content``; raises ``Unusable`` unless variables, codes, cells and symbols fit."""
    data = parse(content)
    if lacking := [key for key in ("id", "size", "dimension", "value") if key not in data]:
        raise Unusable(f"no JSON-stat2 dataset: lacks {', '.join(lacking)}")
    try:
        size = [len(codes) for codes in codes_of(data).values()]
    except (AttributeError, KeyError, TypeError):
        raise Unusable("variables without their codes") from None
    if size != data["size"]:
        raise Unusable(f"size says {data['size']}, the codes {size}")
    if not isinstance(data["value"], list | dict) or not isinstance(data.get("status") or {}, list | dict):
        raise Unusable("value or status is no list of cells")
    cells = prod(size)
    for part in ("value", "status"):
        held = data.get(part) or {}
        fits = len(held) == cells if isinstance(held, list) else all(k.isdigit() and int(k) < cells for k in held)
        if not fits or (part == "value" and cells and not held):
            raise Unusable(f"{part} does not fit {cells:,} cells")
    return data


def codes_of(data: Mapping) -> dict[str, list[str]]:
    """The codes of each variable, in the order of the cells."""
    held = {name: data["dimension"][name]["category"] for name in data["id"]}
    return {name: _ordered(c["index"] if "index" in c else list(c["label"])) for name, c in held.items()}


def _ordered(index: Mapping[str, int] | Sequence[str]) -> list[str]:
    return sorted(index, key=index.__getitem__) if isinstance(index, Mapping) else list(index)


def _grid(cells: Mapping[str, object] | Sequence[object] | None, size: Sequence[int]) -> np.ndarray:
    """A list or a sparse dictionary of cells as an array of objects of shape ``size``; None where nothing is."""
    flat = np.full(prod(size), None, dtype=object)
    if isinstance(cells, Mapping):
        flat[[int(place) for place in cells]] = list(cells.values())
    elif cells:
        flat[:] = cells
    return flat.reshape(size)


def merge(pieces: Sequence[Mapping]) -> dict:
    """One dataset from pieces of the same variables that differ in codes; texts and edition are the first piece's.

    Codes are sorted where pieces differ and otherwise kept in order. Raises ``Unusable`` when there is no piece, the
    variables or editions (``updated``) differ, or the pieces leave cells out.
    """
    if not pieces:
        raise Unusable("there is no piece")
    first, held = pieces[0], [codes_of(piece) for piece in pieces]
    if any((p["id"], p.get("updated")) != (first["id"], first.get("updated")) for p in pieces):
        raise Unusable("the pieces are of different variables or editions")
    codes = {name: list(own) for name, own in held[0].items()}
    for name in codes:
        if any(own[name] != codes[name] for own in held):
            codes[name] = sorted({code for own in held for code in own[name]})
    size = [len(c) for c in codes.values()]
    value, mark, covered = np.full(size, None, object), np.full(size, None, object), np.zeros(size, bool)
    for piece, own in zip(pieces, held):
        at = np.ix_(*(np.array([codes[n].index(c) for c in own[n]], dtype=int) for n in codes))
        shape = [len(c) for c in own.values()]
        value[at], mark[at], covered[at] = _grid(piece["value"], shape), _grid(piece.get("status"), shape), True
    if not covered.all():
        raise Unusable(f"the pieces leave {int((~covered).sum()):,} of {covered.size:,} cells out")
    kept = {k: first[k] for k in ("version", "class", "label", "source", "updated", "role") if k in first}
    status = {str(i): symbol for i, symbol in enumerate(mark.ravel().tolist()) if symbol is not None}
    dimension = {name: _dimension(name, own, pieces) for name, own in codes.items()}
    value = value.ravel().tolist()
    return {**kept, "id": list(codes), "size": size, "dimension": dimension, "value": value, "status": status}


def _dimension(name: str, codes: Sequence[str], pieces: Sequence[Mapping]) -> dict:
    own = [piece["dimension"][name] for piece in pieces]
    texts = {code: text for part in own for code, text in part["category"].get("label", {}).items()}
    category = {"index": {c: i for i, c in enumerate(codes)}, "label": {c: texts.get(c, c) for c in codes}}
    return {"label": own[0].get("label", name), "category": category}


def stated(contents: Sequence[bytes], otherwise: str = "") -> dict[str, str]:
    """The latest days that files of the StatBank state of themselves, ``YYYY-MM-DD``, empty where none states any.

    ``updated`` is the table's edition, ``extracted`` the day it was fetched: of a file that the pipeline fetched, else
    ``otherwise``. Files of another format, as IMDi's CSV, state nothing.
    """
    updated, extracted = [""], [otherwise]
    for content in contents:
        try:
            data = parse(content)
        except Unusable:
            continue
        updated.append(str(data.get("updated") or "")[:10])
        extracted.append(str(data.get("extension", {}).get("extraction", {}).get("extracted") or ""))
    return {"updated": max(updated), "extracted": max(extracted)}
