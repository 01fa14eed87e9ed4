"""Known faults of such files, planted at stated rates and counted, so that cleaning can be checked."""

from dataclasses import dataclass, field

import numpy as np

from introprog.simulate.months import stream


@dataclass
class Ledger:
    """Plants faults and remembers how many of how many rows were hit, by fault and file."""

    seed: int
    rates: dict[str, float]
    planted: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)

    def pick(self, fault: str, file: str, n: int, able: np.ndarray | None = None) -> np.ndarray:
        """Sorted row numbers to hit: the stated share of ``n`` rows, chosen among ``able`` (default all)."""
        able = np.arange(n) if able is None else np.flatnonzero(able)
        wanted = min(round(self.rates[fault] * n), len(able))
        chosen = np.sort(stream(self.seed, f"{fault} {file}").choice(able, wanted, replace=False))
        self.note(fault, file, n, wanted)
        return chosen

    def note(self, fault: str, file: str, rows: int, planted: int) -> None:
        """Count faults that another part has planted."""
        self.planted.setdefault(fault, {})[file] = {"rows": int(rows), "planted": int(planted)}

    def duplicated(self, file: str, n: int) -> np.ndarray:
        """Row numbers with the chosen rows twice, side by side."""
        return np.sort(np.concatenate([np.arange(n), self.pick("duplicate_row", file, n)]), kind="stable")
