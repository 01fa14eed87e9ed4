"""The displays of a run: their inputs, printed files, the jobs that draw them and what each is made from."""

from collections.abc import Callable, Mapping, Sequence

from introprog.batches import batches, cost
from introprog.places import PRIVATE
from introprog.reading import ReadingPlan
from introprog.release.outputs import entry_of

FORMATS = {"figure": ("svg", "png", "pdf"), "table": ("html", "csv", "json")}
PRINTED = ("label", "moment")
CHAPTERS = {
    "A": "Programme and cohort",
    "B": "The official indicator",
    "C": "The moment of measuring",
    "D": "Comparison of municipalities",
    "E": "Satisfaction",
    "F": "Satisfaction against results",
    "G": "The claims",
}


class DisplayPlan(ReadingPlan):
    """The part of a plan that speaks of displays; ``registry`` holds all of them, ``displays`` those of the run."""

    config: Mapping
    source: str
    registry: dict[str, dict]
    displays: list[str]
    place: Callable[[str], str]
    statbank_details: bool
    unfed_tables: set[str]
    code: Callable[..., str]

    def inputs(self, display: str) -> dict[str, str]:
        entry = self.registry[display]
        dated = ["statbank_days"] if self.source == "statbank" and entry.get("data") != "published" else []
        lacking = {"municipalities", "adjusted_rates"} if self.source == "statbank" else set()
        lacking |= self.unfed_tables
        return {name: self.place(name) for name in (*entry["needs"], *dated) if name not in lacking}

    def files(self, display: str, form: str = "") -> list[str]:
        """The printed files of a display: every language and format."""
        form = form or self.registry[display]["form"]
        return [
            f"results/{form}s/{display}_{language}.{extension}"
            for language in self.config["languages"]
            for extension in FORMATS[form]
        ]

    def shown(self, display: str, language: str) -> str:
        """The file of a display that a page can show."""
        form = self.registry[display]["form"]
        return f"results/{form}s/{display}_{language}.{FORMATS[form][0]}"

    def batch_shown(self, displays: Sequence[str]) -> dict[str, dict]:
        """What Snakemake's own report shows of the displays: output name -> path, caption, chapter and labels."""
        return {
            f"{display}_{language}".replace("-", "_"): {
                "path": self.shown(display, language),
                "caption": f"../report/captions/{display}.rst",
                "category": f"{display[2]} {CHAPTERS[display[2]]}",
                "labels": self._report_labels(display, language),
            }
            for display in displays
            for language in self.config["languages"]
        }

    def _report_labels(self, display: str, language: str) -> dict[str, str]:
        return {"display": display, "language": language, "title": self.registry[display]["title"][language]}

    def batch_hidden(self, displays: Sequence[str]) -> list[str]:
        """The files of the displays besides those."""
        shown = {one["path"] for one in self.batch_shown(displays).values()}
        return [path for path in self.batch_files(displays) if path not in shown]

    def twin(self, display: str, form: str = "") -> str:
        """The numbers of a display."""
        return f"results/{form or self.registry[display]['form']}s/{display}.csv"

    def display_files(self) -> dict[str, list[str]]:
        return {name: [self.twin(name), *self.files(name)] for name in self.displays}

    def rule_name(self, display: str) -> str:
        """The rule that makes a display by itself: ``snakemake <id>``."""
        return display

    def left_out(self) -> list[str]:
        """The displays that the source in use cannot feed."""
        return [name for name, entry in self.registry.items() if self.source not in entry["sources"]]

    def without_details(self) -> list[str]:
        """Further displays that the files of the StatBank cannot feed: they hold no status within the three groups."""
        if self.source != "statbank" or self.statbank_details:
            return []
        needing = [name for name, entry in self.registry.items() if entry.get("details")]
        return [name for name in needing if name not in self.left_out()]

    def unasked(self) -> list[str]:
        """Displays of something that config does not ask for."""
        asked = {name: entry["asked"].partition(".") for name, entry in self.registry.items() if "asked" in entry}
        return [name for name, (block, _, key) in asked.items() if not self.config[block][key]]

    @property
    def figures(self) -> list[str]:
        return [d for d in self.displays if self.registry[d]["form"] == "figure"]

    @property
    def tables(self) -> list[str]:
        return [d for d in self.displays if self.registry[d]["form"] == "table"]

    @property
    def batches(self) -> dict[str, list[str]]:
        """Name of a drawing job -> its displays."""
        return batches(self.registry, self.displays)

    def batch_priority(self, displays: Sequence[str]) -> int:
        """Jobs that take long start first."""
        return round(cost(self.registry, displays))

    def batch_inputs(self, displays: Sequence[str]) -> dict[str, str]:
        """Every input of the displays, once."""
        inputs = {name: path for display in displays for name, path in self.inputs(display).items()}
        return inputs | self.read_first(displays)

    def batch_files(self, displays: Sequence[str], form: str = "") -> list[str]:
        """Numbers, printed files and stamp of each display; with ``form`` also of one that is only a wildcard."""
        found = []
        for display in displays:
            kind = form or self.registry[display]["form"]
            found += [self.twin(display, kind), *self.files(display, kind), f"{PRIVATE}/displays/{display}.json"]
        return found

    def batch_params(self, displays: Sequence[str]) -> dict:
        """What displays are made from besides their inputs; a change of anything else does not redo them."""
        entries = {display: entry_of(self, display) for display in displays}
        blocks = sorted({name for entry in entries.values() for name in entry.get("settings", [])})
        return {
            "entries": entries,
            "needs": {display: list(self.inputs(display)) for display in displays},
            "codes": {
                display: self.code("draw_displays", f"displays/{entry['module']}.py")
                for display, entry in entries.items()
            },
            "languages": self.config["languages"],
            "settings": {
                "source": self.source,
                "disclosure": self.config["disclosure"],
                **{name: self._printed(name) for name in blocks},
            },
        }

    def _printed(self, block: str) -> object:
        """A block of the config as displays get it. Of definitions what they print: how one counts reaches them through
        its numbers, so that a changed rule redoes only displays of what came out different."""
        if block != "definitions":
            return self.config[block]
        return {name: {key: rule[key] for key in PRINTED if key in rule} for name, rule in self.config[block].items()}
