"""What a run makes: where every table lives, which displays the source in use can feed, and what each depends on."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import yaml

from introprog.batches import batches, cost
from introprog.errors import InputError, Problem, nearest
from introprog.provenance import code_hash
from introprog.release.outputs import entry_of
from introprog.resources import declared

PRIVATE = "results/private"
MANIFEST = "results/manifest.json"
KLASS = "https://data.ssb.no/api/klass/v1"
FORMATS = {"figure": ("svg", "png", "pdf"), "table": ("html", "csv", "json")}
CHAPTERS = {
    "A": "Programme and cohort",
    "B": "The official indicator",
    "C": "The moment of measuring",
    "D": "Comparison of municipalities",
    "E": "Satisfaction",
    "F": "Satisfaction against results",
    "G": "The claims",
}
REPORT_SETTINGS = (
    "source",
    "languages",
    "study",
    "comparison",
    "definitions",
    "official_definition",
    "disclosure",
)

PLACES = {
    **{
        name: f"{PRIVATE}/clean/{name}.parquet"
        for name in (
            "persons",
            "programmes",
            "employment",
            "education",
            "welfare",
            "income",
            "residence",
            "municipalities",
            "survey_responses",
            "survey_frame",
        )
    },
    "quality_log": f"{PRIVATE}/clean/quality_log.csv",
    "read_log": f"{PRIVATE}/clean/read_log.csv",
    "employment_quality_log": f"{PRIVATE}/clean/quality_log_employment.csv",
    "employment_read_log": f"{PRIVATE}/clean/read_log_employment.csv",
    "survey_quality_log": f"{PRIVATE}/clean/quality_log_survey.csv",
    "survey_read_log": f"{PRIVATE}/clean/read_log_survey.csv",
    "leavers": f"{PRIVATE}/cohort/leavers.parquet",
    "flow": f"{PRIVATE}/cohort/flow.csv",
    "outcomes": f"{PRIVATE}/outcomes/outcomes.parquet",
    "region_status": f"{PRIVATE}/panel/region_status.parquet",
    "panel": f"{PRIVATE}/panel/municipality_panel.parquet",
    "statbank_days": f"{PRIVATE}/panel/statbank_days.csv",
    "scales": f"{PRIVATE}/survey/scales.parquet",
    "municipal_link": f"{PRIVATE}/survey/municipal_link.parquet",
    "adjusted_rates": f"{PRIVATE}/models/adjusted_rates.parquet",
    "standardised_results": f"{PRIVATE}/models/standardised_results.parquet",
    "ranks": f"{PRIVATE}/models/ranks.parquet",
    "funnel": f"{PRIVATE}/models/funnel.parquet",
    "target_verdicts": f"{PRIVATE}/models/target_verdicts.parquet",
    "public_panel": "results/panel/municipality_panel.parquet",
    "survey_items": f"{PRIVATE}/survey/items.csv",
    "measurement": "results/models/measurement.csv",
    "invariance": "results/models/invariance.csv",
    "proportional_odds": "results/models/proportional_odds.csv",
    "association": "results/models/association.csv",
    "association_specifications": "results/models/association_specifications.csv",
    "item_association": "results/models/item_association.csv",
    "definition_association": "results/models/definition_association.csv",
    "verdict": "results/models/verdict.csv",
    "casemix": "results/models/casemix.csv",
    "signal": "results/models/signal.csv",
    "rank_correlation": "results/models/rank_correlation.csv",
    "target_changes": "results/models/target_changes.csv",
    "forecast": "results/models/forecast.csv",
    "reconciliation": "results/models/reconciliation.csv",
    "status_by_group": "results/models/status_by_group.csv",
    "states": f"{PRIVATE}/months/states.parquet",
    **{
        name: f"results/models/{name}.csv"
        for name in (
            "chronogram",
            "incidence",
            "elapsed",
            "specifications",
            "end_cause_bounds",
            "moves",
            "network",
            "organisation",
            "settlement",
            "surrogate",
            "claims",
        )
    },
}

SHIPPED = {
    "published": ("published", "figures.csv"),
    "published_sources": ("published", "sources.csv"),
    "rules": ("codebook", "rules.yaml"),
    "ledger": ("claims.yaml",),
    "countries": ("codelists", "countries.csv"),
    "county_tiles": ("codelists", "county_tiles.csv"),
}


class Plan:
    """The run that ``config`` asks for; ``root`` is the folder of the Snakefile.

    Raises ``InputError`` when config names a display that does not exist or that its source cannot feed.
    """

    def __init__(self, config: Mapping, root: Path):
        self.config = config
        self.klass = KLASS
        self.manifest = MANIFEST
        # Relative where it can be: a project that is moved is not a project that has changed.
        self.root = Path() if root.resolve() == Path.cwd() else root
        self.source: str = config["source"]
        text = (self.root / "workflow" / "displays.yaml").read_text(encoding="utf-8")
        # libyaml where it is there: the registry is read by every call of Snakemake
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self.registry: dict[str, dict] = yaml.load(text, Loader=loader)["displays"]
        self.displays = self._chosen()

    def _chosen(self) -> list[str]:
        asked = self.config["displays"]
        possible = [name for name, entry in self.registry.items() if self.source in entry["sources"]]
        if asked == "all":
            return possible
        problems = [
            Problem("config.yaml, displays", "C5", f"{name!r} is no display", hint=nearest(name, list(self.registry)))
            if name not in self.registry
            else Problem("config.yaml, displays", "C6", f"{name!r} cannot be made from source: {self.source}")
            for name in asked
            if name not in possible
        ]
        if problems:
            raise InputError(problems)
        return list(asked)

    def shared(self, *parts: str) -> str:
        """Path of a file that ships with the project (code lists, codebooks, published figures)."""
        return str(self.root.joinpath("data", *parts))

    def shipped(self, folder: str) -> list[str]:
        """All files of a folder under ``data/``, sorted."""
        return sorted(str(p) for p in (self.root / "data" / folder).rglob("*") if p.is_file())

    @property
    def reference(self) -> Path:
        """Folder of the R scripts and of the results that they gave."""
        return self.root / "tests" / "reference"

    @property
    def reference_studies(self) -> list[str]:
        """The R scripts by name."""
        return sorted(path.stem for path in self.reference.glob("*.R"))

    @property
    def reference_data(self) -> list[str]:
        """The data that the R scripts read."""
        return sorted(str(path) for path in self.reference.glob("*.csv"))

    def place(self, name: str) -> str:
        """Path of a table of the pipeline, or of a shipped one that displays need."""
        if name in SHIPPED:
            return self.shared(*SHIPPED[name])
        if name.startswith("survey_") and name not in PLACES:
            return self.shared("codebook", f"{name}.yaml")
        return PLACES[name]

    @property
    def extracts(self) -> str:
        """Folder of the raw extracts of the source in use."""
        return f"{PRIVATE}/synthetic" if self.source == "synthetic" else self.config["extracts"]["directory"]

    def extract_files(self) -> list[str]:
        """What the reading rules depend on: the simulator's folder, or each of the researcher's own files."""
        if self.source == "synthetic":
            return [self.extracts]
        return sorted(str(p) for p in Path(self.extracts).rglob("*") if p.is_file())

    @property
    def _own(self) -> Mapping:
        """What config says of the researcher's own files; overlays and corrections belong to them alone."""
        return self.config["extracts"] if self.source == "extracts" else {}

    @property
    def overlays(self) -> list[str]:
        """Shipped codebook overlays to use, in order."""
        return self._own.get("overlays", [])

    @property
    def corrections(self) -> list[str]:
        """The file of listed corrections, if there is one."""
        path = self._own.get("corrections")
        return [path] if path and Path(path).is_file() else []

    def statbank_files(self) -> list[str]:
        """The files that config names, or the one that rule fetch_statbank makes."""
        paths = self.config["statbank"]["path"]
        named = [paths] if isinstance(paths, str) else list(paths)
        return [path for path in named if path] or [f"{self.statbank_folder}.json"]

    @property
    def statbank_folder(self) -> str:
        """Where the pieces of a fetched table are kept."""
        return f"data/raw/statbank/{self.config['statbank']['table']}"

    def statbank_url(self) -> str:
        """Address of the table at the PxWeb service."""
        block = self.config["statbank"]
        return f"{block['url'].rstrip('/')}/{block['table']}"

    def statbank_query(self) -> dict[str, list[str]]:
        """Country, counties and municipalities by sex and horizon: the total and the three status groups."""
        block = self.config["statbank"]
        return {
            "Region": ["0", "[0-9][0-9]", "[0-9][0-9][0-9][0-9]"],
            "Kjonn": ["0", "1", "2"],
            "IntroAvbrudd": ["[01][0-9]"],
            "Arbeidsmarkedsstatus": ["00", "1", "2", "3"],
            "ContentsCode": list(block["contents"]),
            "Tid": ["*"] if block["years"] == "all" else [str(year) for year in block["years"]],
        }

    def inputs(self, display: str) -> dict[str, str]:
        entry = self.registry[display]
        dated = ["statbank_days"] if self.source == "statbank" and entry.get("data") != "published" else []
        lacking = {"municipalities", "adjusted_rates"} if self.source == "statbank" else set()
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
        """What Snakemake's own report shows of the displays: output name -> path, chapter and labels."""
        return {
            f"{display}_{language}".replace("-", "_"): {
                "path": self.shown(display, language),
                "category": f"{display[2]} {CHAPTERS[display[2]]}",
                "labels": self._report_labels(display, language),
            }
            for display in displays
            for language in self.config["languages"]
        }

    def _report_labels(self, display: str, language: str) -> dict[str, str]:
        texts = {name: self.registry[display][name][language] for name in ("title", "caption")}
        return {"display": display, "language": language, **texts}

    def batch_hidden(self, displays: Sequence[str]) -> list[str]:
        """The files of the displays besides those."""
        shown = {one["path"] for one in self.batch_shown(displays).values()}
        return [path for path in self.batch_files(displays) if path not in shown]

    def twin(self, display: str, form: str = "") -> str:
        """The numbers of a display."""
        return f"results/{form or self.registry[display]['form']}s/{display}.csv"

    def targets(self) -> list[str]:
        """All that a run makes; the report only when every display is made, since it speaks of them all."""
        reports = self.reports if self.config["displays"] == "all" else ()
        return [*self.batch_files(self.displays), *self.documents, PLACES["public_panel"], *reports]

    @property
    def models(self) -> list[str]:
        """Files of the models that the run makes: all of them where every display is made from own registers, else
        those that its displays and the report need."""
        places = {name: path for name, path in PLACES.items() if path.startswith("results/models/")}
        if self.config["displays"] == "all" and self.source != "statbank":
            return sorted(places.values())
        needed = {name for display in self.displays for name in self.registry[display]["needs"]}
        needed |= set(self.report_models) if self.config["displays"] == "all" else set()
        return sorted(places[name] for name in needed & set(places))

    @property
    def numbers(self) -> list[str]:
        """Every CSV of the run that may be shown: of displays and of models."""
        return [*(self.twin(name) for name in self.displays), *self.models]

    @property
    def printed(self) -> list[str]:
        """Every file of the run that people look at, and the panel after disclosure control."""
        numbers = set(self.numbers)
        return [path for path in self.targets() if path not in numbers and not path.startswith(PRIVATE)]

    def given_files(self) -> list[str]:
        """What the researcher gave the run: own extracts with their corrections, or files of the StatBank."""
        own = {"extracts": [*self.extract_files(), *self.corrections], "statbank": self.statbank_files()}
        return own.get(self.source, [])

    def expectations(self) -> list[str]:
        """Folders in which an expectation may lie: the study's own, and those that ship with the project."""
        shipped = sorted(p for p in (self.root / "tests" / "golden").glob("*") if p.is_dir())
        return [self.config["review"]["expectation"], *map(str, shipped)]

    @property
    def reports(self) -> list[str]:
        return [f"results/report/report_{language}.html" for language in self.config["languages"]]

    @property
    def documents(self) -> list[str]:
        """The files for Word, Excel and LaTeX and the PDF; those of the report only where it is made."""
        made = []
        for language in self.config["languages"]:
            made += [*self.table_documents(language), self.workbook(language)] if self.tables else []
            if self.config["displays"] == "all":
                made += [f"results/report/report_{language}.{ending}" for ending in ("docx", "pdf")]
        return made

    def table_documents(self, language: str) -> list[str]:
        return [f"results/tables/{name}_{language}.{ending}" for name in self.tables for ending in ("docx", "tex")]

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
        return sorted(str(p) for p in folder.iterdir() if p.suffix in (".typ", ".yaml"))

    def report_entries(self) -> dict[str, dict]:
        """The registry entries of the run, each with the name of its rule."""
        return {name: {**self.registry[name], "rule": self.rule_name(name)} for name in self.displays}

    def report_settings(self) -> dict:
        """The blocks of the config that the report speaks of."""
        return {name: self.config[name] for name in REPORT_SETTINGS}

    @property
    def report_models(self) -> list[str]:
        """The models whose numbers the report's sentences are computed from."""
        own = () if self.source == "statbank" else ("verdict",)
        return ["signal", "rank_correlation", "target_changes", "forecast", "reconciliation", "claims", *own]

    def claim_inputs(self) -> dict:
        """The ledger of claims, and what its rules can read: models and shares of the run, published figures."""
        names = ["signal", "target_changes", "region_status", "ledger", "published", "published_sources"]
        inputs: dict[str, object] = {name: self.place(name) for name in names}
        if self.source != "statbank":
            own = ("verdict", "casemix", "network", "measurement", "scales")
            inputs |= {name: self.place(name) for name in own}
            inputs["codebook"] = [self.shared("codebook", f"survey_{name}.yaml") for name in ("ks", "imdi")]
        return inputs

    def report_files(self) -> list[str]:
        """Of every display its numbers and what a page can show."""
        made = [path for name in self.displays for path in (self.twin(name), *self.files(name))]
        twins = {self.twin(name) for name in self.displays}
        return [path for path in made if path in twins or path.endswith((".svg", ".html"))]

    def report_texts(self) -> list[str]:
        """Templates, words and style of the report."""
        folder = self.root / "workflow" / "report"
        return sorted(str(p) for p in folder.iterdir() if p.suffix in (".j2", ".css", ".js", ".yaml"))

    def code(self, script: str, *modules: str) -> str:
        """Hash of ``workflow/scripts/<script>.py``, of all it imports, and of further modules named by file."""
        scripts = self.root / "workflow" / "scripts"
        return code_hash([scripts / f"{script}.py", *(scripts / "introprog" / m for m in modules)])

    def resources(self, rule: str) -> dict[str, Callable]:
        """Memory and time of a rule's jobs, from ``workflow/resources.yaml``."""
        return declared(rule, self._measured, self.config["synthetic"]["scale"])

    @cached_property
    def _measured(self) -> dict:
        return yaml.safe_load((self.root / "workflow" / "resources.yaml").read_text(encoding="utf-8"))

    def reconcilable(self) -> dict[str, str]:
        """What the source in use can hold against published figures."""
        own = () if self.source == "statbank" else ("leavers", "outcomes", "persons", "programmes", "residence")
        return {name: self.place(name) for name in ("region_status", *own)}

    def comparable(self) -> dict[str, str]:
        """The panel, and where there are own outcomes also these: who is the same person at two horizons."""
        own = () if self.source == "statbank" else ("outcomes",)
        return {name: self.place(name) for name in ("panel", *own)}

    def followable(self) -> dict[str, str]:
        """The panel by region, the municipalities as they may be shown, and own outcomes where there are any."""
        own = () if self.source == "statbank" else ("outcomes", "leavers")
        return {name: self.place(name) for name in ("region_status", "public_panel", *own)}

    def watched(self) -> list[str]:
        """What the closing words of a run speak of."""
        return [*self.targets(), PLACES["verdict"]]

    @property
    def console_language(self) -> str:
        """English like all messages, or else the first language of the run."""
        return "en" if "en" in self.config["languages"] else self.config["languages"][0]

    def display_files(self) -> dict[str, list[str]]:
        return {name: [self.twin(name), *self.files(name)] for name in self.displays}

    def rule_name(self, display: str) -> str:
        """The rule that makes a display by itself: ``snakemake <id>``."""
        return display

    def left_out(self) -> list[str]:
        """The displays that the source in use cannot feed."""
        return [name for name, entry in self.registry.items() if self.source not in entry["sources"]]

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
        return {name: path for display in displays for name, path in self.inputs(display).items()}

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
                **{name: self.config[name] for name in blocks},
            },
        }
