"""What a display is drawn with besides its numbers: language, labels, registry entry, kind of data and settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from introprog.data_kind import data_kind
from introprog.labels import Labels


@dataclass(frozen=True)
class Context:
    """One display in one language."""

    id: str
    entry: Mapping
    settings: Mapping
    labels: Labels

    @classmethod
    def of(cls, display: str, entry: Mapping, settings: Mapping, language: str) -> "Context":
        """The context of display id ``display`` in ``language``; ``settings`` holds blocks of the config."""
        return cls(display, entry, settings, Labels(language))

    @property
    def language(self) -> str:
        return self.labels.language

    @property
    def data(self) -> str:
        return data_kind(self.entry, self.settings)

    @property
    def title(self) -> str:
        return self.labels.pick(self.entry["title"])

    @property
    def alt(self) -> str:
        stamp = f" {self.stamp}." if self.stamp else ""
        return self.labels.pick(self.entry["alt"]) + stamp

    @property
    def stamp(self) -> str:
        """The mark of synthetic data; empty for real ones."""
        return self.labels.term(f"stamp.{self.data}")

    @property
    def confidence(self) -> str:
        """``95 % konfidensintervall`` or ``95% confidence interval``."""
        level = self.settings["study"]["confidence"]
        return self.labels.term(
            "word.confidence", level=self.labels.percent_sign(level, 0 if level * 100 % 1 == 0 else 1)
        )

    def definition(self, name: str) -> str:
        """The label of a definition of the config, or its name where the config has none."""
        block = self.settings.get("definitions", {}).get(name)
        return self.labels.pick(block["label"]) if block else name

    def source_line(self, origin: str | None = None) -> str:
        """``Kilde: ...``; ``origin`` replaces the registry's text (published figures name their own)."""
        if origin is None and "origin" in self.entry:
            origin = self.labels.pick(self.entry["origin"])
        if origin is None:
            days = self.settings.get("statbank_days", {}) if self.data == "statbank" else {}
            dated = [self.labels.term(f"footer.{name}", day=day) for name, day in days.items() if day]
            origin = "; ".join([self.labels.term(f"origin.{self.data}.{self.entry.get('basis', 'register')}"), *dated])
        return self.labels.term("footer.source", source=origin)

    def suppression_line(self, numbers: pd.DataFrame) -> str:
        """How many figures of the CSV twin are hidden, or that none is, or how counts are rounded."""
        count = int(numbers["suppressed"].fillna(False).astype(bool).sum()) if "suppressed" in numbers else 0
        threshold = self.settings["disclosure"]["threshold"]
        if "rounding" in self.settings["disclosure"]:
            return self.labels.term("footer.rounded", base=self.settings["disclosure"]["rounding"]["base"])
        key = "footer.hidden" if count else "footer.none_hidden"
        return self.labels.term(key, threshold=threshold, count=self.labels.number(count))

    def footer(
        self, numbers: pd.DataFrame, n: str, definition: str, notes: Sequence[str] = (), origin: str | None = None
    ) -> list[str]:
        """The lines under a display: notes, definition, n, suppression, source."""
        caption = self.labels.pick(self.entry["caption"])
        lines = [caption, *notes, self.labels.term("footer.definition", definition=definition)]
        # published figures are the publisher's: nothing of them is hidden here
        hidden = "" if self.data == "published" else f" {self.suppression_line(numbers)}"
        lines.append(self.labels.term("footer.n", n=n) + hidden)
        return [line for line in lines if line] + [self.source_line(origin)]
