"""The report of a run and its documents: which files there are, and what each is written from."""

from collections.abc import Callable
from pathlib import Path

from introprog.display_plan import DisplayPlan

REPORT_SETTINGS = (
    "source",
    "languages",
    "study",
    "comparison",
    "definitions",
    "official_definition",
    "disclosure",
)

# What the search of the report and the page of one municipality read.
TOWN_DISPLAYS = ("F-D5", "F-C4", "F-D1", "F-C1-county", "F-E5", "F-F1")
TOWN_MODELS = ("signal", "municipality_profile")


class ReportPlan(DisplayPlan):
    """The part of a plan that speaks of the report, the files for Word, Excel and LaTeX, and the PDF."""

    root: Path
    shared: Callable[..., str]

    @property
    def reports(self) -> list[str]:
        return [f"results/report/report_{language}.html" for language in self.config["languages"]]

    @property
    def documents(self) -> list[str]:
        """The files for Word, Excel and LaTeX and the PDF; those of the report only where it is made."""
        return [*self.table_files, *(self.report_documents if self.config["displays"] == "all" else ())]

    @property
    def table_files(self) -> list[str]:
        """Every table for Word and LaTeX, and the workbooks; nothing where no table is made."""
        languages = self.config["languages"] if self.tables else ()
        return [path for one in languages for path in (*self.table_documents(one), self.workbook(one))]

    @property
    def report_documents(self) -> list[str]:
        return [
            f"results/report/report_{language}.{ending}"
            for language in self.config["languages"]
            for ending in ("docx", "pdf")
        ]

    def table_documents(self, language: str, display: str = "") -> list[str]:
        """Every table of the run, or one, for Word and LaTeX."""
        names = [display] if display else self.tables
        return [f"results/tables/{name}_{language}.{ending}" for name in names for ending in ("docx", "tex")]

    def workbook(self, language: str) -> str:
        return f"results/report/tables_{language}.xlsx"

    def printed_tables(self, language: str) -> list[str]:
        """The tables of a language as data, in the order of the registry."""
        return [f"results/tables/{name}_{language}.json" for name in self.tables]

    def document_files(self, language: str) -> list[str]:
        """What a document shows: the tables as data and the figures as pictures."""
        pictures = [f"results/figures/{name}_{language}.{kind}" for name in self.figures for kind in ("svg", "png")]
        return [*self.printed_tables(language), *pictures]

    def document_texts(self) -> list[str]:
        """Words of the report and the layout of the PDF."""
        folder = self.root / "workflow" / "report"
        return sorted(str(p) for p in folder.iterdir() if p.name == "report.typ" or p.suffix == ".yaml")

    def report_entries(self) -> dict[str, dict]:
        """The registry entries of the run, each with the name of its rule."""
        return {name: {**self.registry[name], "rule": self.rule_name(name)} for name in self.displays}

    def report_settings(self) -> dict:
        """The blocks of the config that the report speaks of."""
        return {name: self.config[name] for name in REPORT_SETTINGS}

    @property
    def report_models(self) -> list[str]:
        """The models whose numbers the report's sentences are computed from."""
        models = ("verdict", "municipality_profile", "association_specifications")
        own = () if self.source == "statbank" else models
        names = ["signal", "rank_correlation", "target_changes", "forecast", "reconciliation", "claims", *own]
        return [name for name in names if name not in self.unfed_tables]

    def claim_inputs(self) -> dict:
        """The ledger of claims, and what its rules can read: models and shares of the run, published figures."""
        names = ["signal", "target_changes", "region_status", "ledger", "published", "published_sources"]
        inputs: dict[str, object] = {name: self.place(name) for name in names}
        if self.source != "statbank":
            own = ("verdict", "casemix", "network", "measurement", "scales")
            inputs |= {name: self.place(name) for name in own if name not in self.unfed_tables}
        if "scales" in inputs:
            inputs["codebook"] = [self.shared("codebook", f"survey_{name}.yaml") for name in ("ks", "imdi")]
        return inputs

    def report_files(self) -> list[str]:
        """Of every display its numbers and what a page can show."""
        made = [path for name in self.displays for path in (self.twin(name), *self.files(name))]
        twins = {self.twin(name) for name in self.displays}
        return [path for path in made if path in twins or path.endswith((".svg", ".html"))]

    def town_inputs(self) -> dict:
        """What the page of one municipality is made of: twins of displays, models and the public panel; no pictures."""
        twins = [self.twin(name) for name in TOWN_DISPLAYS if name in self.displays]
        models = {name: self.place(name) for name in self.report_models if name in TOWN_MODELS}
        folder = self.root / "workflow" / "report"
        texts = {"words": str(folder / "words.yaml"), "layout": str(folder / "municipality.typ")}
        return {**models, **texts, "displays": twins, "panel": self.place("public_panel")}

    def report_texts(self) -> list[str]:
        """Templates, words and style of the report."""
        folder = self.root / "workflow" / "report"
        return sorted(str(p) for p in folder.iterdir() if p.suffix in (".j2", ".css", ".js", ".yaml"))
