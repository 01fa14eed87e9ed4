"""What counts as a result, in words: the definitions of the config, and the precedence that decides a status."""

from collections.abc import Mapping

import pandas as pd

from introprog.labels import EN_DASH, Labels


def definition_rows(definitions: Mapping[str, Mapping], official: str, labels: Labels, words: Mapping) -> list[dict]:
    """One row a definition, the official one first: name and cells in the order of the table's heads."""
    names = sorted(definitions, key=lambda name: name != official)
    return [
        {
            "id": name,
            "label": labels.pick(definitions[name]["label"]),
            "official": name == official,
            "cells": _cells(definitions[name], labels, words["definition"]),
        }
        for name in names
    ]


HEADS = ("moment", "horizons", "hours", "education", "more", "denominator", "geography")


def _cells(block: Mapping, labels: Labels, words: Mapping) -> list[str]:
    def pick(key: str, **values: object) -> str:
        return labels.pick(words[key]).format(**values)

    hours = "any_hours" if block["min_hours"] == 0 else "min_hours"
    more = [pick("novembers", count=block["novembers"])] if block["novembers"] > 1 else []
    more += [] if block["earnings_g"] is None else [pick("earnings", g=labels.number(block["earnings_g"]))]
    more += [pick("no_assistance")] if block["no_social_assistance"] else []
    horizons = _run(list(block["horizons"]))
    unit = {"november": "years", "anniversary": "months", "exit": "at_once"}[block["moment"]]
    return [
        pick(block["moment"]),
        pick(unit, horizons=horizons),
        pick(hours, hours=labels.number(block["min_hours"])),
        pick(block["education"]),
        "; ".join(more) or pick("nothing"),
        pick(block["denominator"]),
        pick(block["geography"]),
    ]


def _run(values: list[int]) -> str:
    """``1–5`` for an unbroken run, else the values."""
    if len(values) > 2 and values == list(range(values[0], values[-1] + 1)):
        return f"{values[0]}{EN_DASH}{values[-1]}"
    return ", ".join(map(str, values))


def precedence_rows(status: pd.DataFrame, labels: Labels, words: Mapping) -> list[list[str]]:
    """Order, code, status, requirement and group of every code that a person can have, in the deciding order.

    ``status`` is ``data/codelists/status.csv`` read as text.
    """
    picked = {key: labels.pick(text) for key, text in words["precedence"].items()}
    rows = status[status["precedence"] != ""].astype({"precedence": int}).sort_values("precedence")
    return [
        [
            str(row.precedence),
            row.code,
            getattr(row, f"label_{labels.language}"),
            _requirement(row.requires, picked),
            picked[row.group],
        ]
        for row in rows.itertuples(index=False)
    ]


def _requirement(requires: str, picked: Mapping[str, str]) -> str:
    if not requires:
        return picked["otherwise"]
    parts = [
        picked["state"].format(code=part.removeprefix("state_")) if part.startswith("state_") else picked[part]
        for part in requires.split("+")
    ]
    return " + ".join(parts)
