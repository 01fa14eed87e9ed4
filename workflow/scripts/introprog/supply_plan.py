"""What a run leaves out because own files lack it: displays, models and definitions, with the reason."""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path

from introprog.errors import Problem, raise_if
from introprog.places import PLACES
from introprog.reading import SURVEYS, WITHOUT_SURVEYS

HINT = "or take it out of displays; with displays: all, what cannot be made is left out by itself"


class SupplyPlan:
    """The part of a plan that speaks of what the extracts can feed; everything is there where the source is another."""

    config: Mapping
    source: str
    registry: Mapping[str, Mapping]
    root: Path
    extracts: str
    overlays: list[str]
    shipped: Callable[[str], list[str]]
    unasked: Callable[[], list[str]]

    @cached_property
    def lacking(self) -> dict[str, str]:
        """What the folder of extracts does not have -> how to speak of it; empty where nothing is left out."""
        if self.source != "extracts" or not Path(self.extracts).is_dir():
            return {}
        from introprog.supply import lacking, parts_of_definition

        wanted = {part for parts in self._resting.values() for part in parts}
        wanted |= {part for entry in self.registry.values() for part in entry.get("extracts", ())}
        wanted |= {part for block in self.config["definitions"].values() for part in parts_of_definition(block)}
        waves = self.config["surveys"]["waves"]
        found = lacking(self.extracts, self.shipped("codebook"), self.overlays, waves, wanted)
        if SURVEYS in found and self.config["surveys"]["person_link"]:
            del found[SURVEYS]
        return found

    @cached_property
    def _resting(self) -> dict[str, list[str]]:
        from introprog.supply import tables_resting

        return tables_resting(self.config["casemix"])

    @property
    def surveyed(self) -> bool:
        """Whether there are surveys to read."""
        return SURVEYS not in self.lacking

    def waves(self) -> Mapping[str, Mapping]:
        """The survey waves that are read: those of config, or none."""
        return self.config["surveys"]["waves"] if self.surveyed else {}

    @property
    def grouped(self) -> bool:
        """Whether the municipalities of config's network are known: those of a wave are not, without its frame."""
        return self.surveyed or not isinstance(self.config["network"]["municipalities"], str)

    @property
    def group_frame(self) -> list[str]:
        """The table that says which municipalities are of the network, where a survey wave does."""
        return ["survey_frame"] if isinstance(self.config["network"]["municipalities"], str) and self.surveyed else []

    @property
    def varied(self) -> list[str]:
        """What comes of varying definitions: the network's results where it is known who belongs to it."""
        network = ["network"] if self.grouped else []
        return ["specifications", "end_cause_bounds", "elapsed", "moves", *network]

    @property
    def traced(self) -> list[str]:
        """What comes of tracing months: the shares in each state only where every state is known."""
        return [name for name in ("states", "chronogram", "incidence") if name != "chronogram" or self._fed(name)]

    def _fed(self, table: str) -> bool:
        return table not in self.unfed_tables

    def lacking_for(self, display: str) -> list[str]:
        """What a display would need and the extracts do not have."""
        if not self.lacking:
            return []
        entry = self.registry[display]
        parts = [part for name in entry["needs"] for part in self._parts(name)]
        if "statbank" in entry["sources"]:  # it can be made without what the StatBank has not
            parts = [part for part in parts if part not in self._resting["adjusted_rates"]]
        parts += entry.get("extracts", ())
        return [part for part in dict.fromkeys(parts) if part in self.lacking]

    def _parts(self, table: str) -> list[str]:
        spared = table in WITHOUT_SURVEYS or table == "claims" or (table == "network" and self.grouped)
        return [*self._resting.get(table, ()), *(() if spared else (SURVEYS,))]

    @property
    def unfed_tables(self) -> set[str]:
        """Tables whose numbers rest on what is not there."""
        if not self.lacking:
            return set()
        return {name for name in PLACES if not set(self.lacking).isdisjoint(self._parts(name))}

    def without_extracts(self) -> dict[str, list[str]]:
        """Displays that are left out, by what they lack."""
        left: dict[str, list[str]] = {}
        unasked = self.unasked()
        for display in (name for name in self.registry if name not in unasked):
            for part in self.lacking_for(display):
                left.setdefault(part, []).append(display)
        return left

    @cached_property
    def unfed_definitions(self) -> dict[str, list[str]]:
        """Definitions of the result that the extracts cannot feed, with what they lack."""
        if not self.lacking:
            return {}
        from introprog.supply import parts_of_definition

        known = self.config["definitions"]
        lost = {name: [p for p in parts_of_definition(block) if p in self.lacking] for name, block in known.items()}
        return {name: parts for name, parts in lost.items() if parts}

    def fed_config(self) -> Mapping:
        """The config without the definitions that the extracts cannot feed.

        Raises ``InputError`` where the study cannot do without one of them.
        """
        lost, asked = self.unfed_definitions, self.config["association"]
        needed = {
            "official_definition": self.config["official_definition"],
            "association, definition": asked["definition"],
            "association, primary": asked["primary"]["definition"],
        }
        raise_if(
            [
                Problem(
                    f"config.yaml, {where}", "C6", f"{name!r} needs {self.named(lost[name][0])}, which is not there"
                )
                for where, name in needed.items()
                if name in lost
            ]
        )
        kept = {name: block for name, block in self.config["definitions"].items() if name not in lost}
        listed = asked["definitions"]
        listed = listed if listed == "all" else [name for name in listed if name in kept]
        return {**self.config, "definitions": kept, "association": {**asked, "definitions": listed}}

    def named(self, part: str) -> str:
        """What is lacking, in words."""
        return f"{part} ({self.lacking[part]})"

    def unfed(self, display: str) -> Problem | None:
        """Why a display that is asked for cannot be made."""
        parts = self.lacking_for(display)
        what = f"{display!r} needs {', '.join(self.named(part) for part in parts)}: not among the extracts"
        return Problem("config.yaml, displays", "C6", what, hint=HINT) if parts else None

    def supply_lines(self) -> Iterator[str]:
        """A line for each thing that is not there: what the run leaves out for it."""
        left = self.without_extracts()
        for part in self.lacking:
            lost = [f"definition {name}" for name, parts in self.unfed_definitions.items() if part in parts]
            if gone := [*left.get(part, ()), *lost]:
                yield f"not among the extracts: {self.named(part)}; left out: {', '.join(gone)}"
