"""How a report words numbers: the patterns and formats of one language, with the choices of the study."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from introprog.labels import Labels


@dataclass(frozen=True)
class Statement:
    """One sentence (or a few), the table that it is computed from and the displays that show the same."""

    key: str
    text: str
    table: str
    displays: tuple[str, ...]


@dataclass(frozen=True)
class Say:
    """Patterns and formats of one language with the choices of the study: official definition, target, moments."""

    labels: Labels
    words: Mapping
    definitions: Mapping
    official: str
    target: float
    early: int
    late: int
    source: str

    @classmethod
    def of(cls, labels: Labels, words: Mapping, settings: Mapping) -> "Say":
        """From the config: the first and the last year after leaving that municipalities are compared at."""
        moments = [h for h in settings["comparison"]["horizons"] if h > 0]
        target, official = settings["study"]["target_share"], settings["official_definition"]
        return cls(
            labels, words, settings["definitions"], official, target, moments[0], moments[-1], settings["source"]
        )

    def sentence(self, pattern: str, **values: object) -> str:
        return self.labels.pick(self.words["sentences"][pattern]).format(**values)

    def after(self, horizon: int) -> str:
        """``ett år etter``, ``5 years after``, ``on leaving``."""
        key = {0: "at_exit", 1: "after_one"}.get(int(horizon), "after")
        return self.labels.pick(self.words["words"][key]).format(years=int(horizon))

    def definition(self, name: str) -> str:
        return self.labels.pick(self.definitions[name]["label"]) if name in self.definitions else name

    def between(self, low: float, high: float, decimals: int = 2) -> str:
        """``0,12 til 0,34``."""
        number = self.labels.number
        return f"{number(low, decimals)} {self.labels.pick(self.words['words']['to'])} {number(high, decimals)}"

    @property
    def moments(self) -> dict[str, str]:
        return {"when_early": self.after(self.early), "when_late": self.after(self.late)}


def one_row(frame: pd.DataFrame, **keys: object) -> pd.Series | None:
    """The row with these keys, or None where there is none or it is hidden or could not be estimated."""
    for name, value in keys.items():
        frame = frame[frame[name] == value]
    if len(frame) != 1:
        return None
    row = frame.iloc[0]
    shown = next((c for c in ("share", "estimate", "rate", "median_reliability", "changed") if c in row.index), None)
    return row if shown is None or pd.notna(row[shown]) else None
