"""Which displays are made by one job: those of a chapter together, and those of published figures by themselves.

One Python start with pandas and matplotlib costs as much as a figure, so a job a display would nearly double the
work; one job for all would leave cores idle and wait for the slowest model. Displays of published figures need no
data of the run and fill the time while the raw extracts are written.
"""

from collections.abc import Iterable, Mapping

# CPU seconds of making a display in a process that has started, measured over all of them.
COST = {"figure": 1.5, "table": 0.05}


def batches(registry: Mapping[str, Mapping], displays: Iterable[str]) -> dict[str, list[str]]:
    """Batch name -> ids, both in the order of ``displays``; ``published`` or ``chapter_a`` to ``chapter_f``."""
    found: dict[str, list[str]] = {}
    for display in displays:
        chapter = f"chapter_{display.partition('-')[2][0].lower()}"
        name = "published" if registry[display].get("data") == "published" else chapter
        found.setdefault(name, []).append(display)
    return found


def cost(registry: Mapping[str, Mapping], displays: Iterable[str]) -> float:
    """CPU seconds that the displays of a batch take when all are made."""
    return sum(COST[registry[display]["form"]] for display in displays)
