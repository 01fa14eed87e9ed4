"""What a run makes: the displays that the source in use can feed, and what each rule depends on."""

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path

from introprog.content import content_hash, read_yaml, without_words
from introprog.errors import Problem, nearest, raise_if
from introprog.places import MANIFEST, PLACES, PRIVATE, SHIPPED
from introprog.provenance import Sources
from introprog.report_plan import ReportPlan
from introprog.resources import declared
from introprog.statbank_plan import StatbankPlan
from introprog.supply_plan import SupplyPlan

KLASS = "https://data.ssb.no/api/klass/v1"


class Plan(ReportPlan, StatbankPlan, SupplyPlan):
    """The run that ``config`` asks for; ``root`` is the folder of the Snakefile.

    Raises ``InputError`` when config names a display that does not exist, or that its source or the researcher's own
    extracts cannot feed.
    """

    def __init__(self, config: Mapping, root: Path):
        self.config = config
        self.klass = KLASS
        self.manifest = MANIFEST
        # Relative where it can be: a project that is moved is not a project that has changed.
        self.root = Path() if root.resolve() == Path.cwd() else root
        self.source: str = config["source"]
        self.registry: dict[str, dict] = read_yaml(self.root / "workflow" / "displays.yaml")["displays"]
        self.displays = self._chosen()
        self.config = self.fed_config()

    def _chosen(self) -> list[str]:
        asked = self.config["displays"]
        impossible = {*self.left_out(), *self.without_details(), *self.unasked()}
        unfed = {name: self.unfed(name) for name in self.registry if name not in impossible and self.unfed(name)}
        impossible |= set(unfed)
        possible = [name for name in self.registry if name not in impossible]
        if asked == "all":
            return possible
        raise_if([unfed.get(name) or self._refused(name) for name in asked if name not in possible])
        return list(asked)

    def _refused(self, name: str) -> Problem:
        """Why a display that is asked for cannot be made."""
        where = "config.yaml, displays"
        if name not in self.registry:
            return Problem(where, "C5", f"{name!r} is no display", hint=nearest(name, list(self.registry)))
        if name in self.unasked() and name not in self.left_out():
            return Problem(where, "C6", f"{name!r} needs {self.registry[name]['asked'].replace('.', ': ')}: true")
        return Problem(where, "C6", f"{name!r} cannot be made from source: {self.source}")

    def study_without(self, *names: str) -> dict:
        """The block ``study`` less the keys that a step does not read, so that a change of them does not redo it."""
        return {name: value for name, value in self.config["study"].items() if name not in names}

    @property
    def definition_rules(self) -> dict[str, dict]:
        """The definitions without their labels, for steps that count and do not print."""
        return without_words(self.config["definitions"], ("label",))

    def content(self, paths: list[str], *words: str) -> dict[str, str]:
        """Hash of each YAML file under ``data/`` without the entries ``words``: for steps that do not print them."""
        data = self.root / "data"
        return {Path(path).relative_to(data).as_posix(): content_hash(path, words) for path in paths}

    @cached_property
    def codebook_content(self) -> dict[str, str]:
        """What the shipped codebooks say to the steps that read extracts."""
        return self.content(self.shipped("codebook"), "label", "text")

    @property
    def instruments(self) -> list[str]:
        """The codebooks of the survey forms."""
        return [self.shared("codebook", f"survey_{name}.yaml") for name in ("ks", "imdi")]

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

    # Of the steps that the association rests on: most of a run waits for it, and it takes longest.
    FIRST = 1000

    def stamp(self, rule: str) -> str:
        """Where a step notes what its results were made from (``introprog.standing``)."""
        return f"{PRIVATE}/standing/{rule}.json"

    def shard(self, name: str) -> str:
        """Path of a table's part in one shard, with wildcards ``shard`` and ``shards``."""
        return f"{PRIVATE}/shards/{name}_{{shard}}_of_{{shards}}.parquet"

    def shard_files(self, name: str) -> list[str]:
        """The parts of a table in all shards."""
        shards = self.config["shards"]
        return [self.shard(name).format(shard=k, shards=shards) for k in range(shards)]

    @property
    def extracts(self) -> str:
        """Folder of the raw extracts of the source in use."""
        return f"{PRIVATE}/synthetic" if self.source == "synthetic" else self.config["extracts"]["directory"]

    def extract_files(self) -> list[str]:
        """What the reading rules depend on: the list of the simulator's files, or each of the researcher's own."""
        if self.source == "synthetic":
            return [f"{PRIVATE}/simulated_files.txt"]
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

    def targets(self) -> list[str]:
        """All that a run makes; the report only when every display is made, since it speaks of them all."""
        reports = self.reports if self.config["displays"] == "all" else ()
        return [*self.batch_files(self.displays), *self.documents, PLACES["public_panel"], *reports]

    @property
    def models(self) -> list[str]:
        """Files of the models that the run makes: all of them where every display is made from own registers, else
        those that its displays and the report need. The match report is made where answers are linked to persons, or
        when it is asked for."""
        places = {name: path for name, path in PLACES.items() if path.startswith("results/models/")}
        if not self.config["surveys"]["person_link"]:
            del places["matches"]
        places = {name: path for name, path in places.items() if name not in self.unfed_tables}
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

    def given_places(self) -> list[str]:
        """Folders and files of the researcher's own that a run rests on, also those that may be absent."""
        own = [self.extracts, *self.overlays, self._own.get("corrections") or ""]
        places = {"extracts": own, "statbank": self.statbank_files()}
        return [path for path in places.get(self.source, []) if path]

    def expectations(self) -> list[str]:
        """Folders in which an expectation may lie: the study's own, and those that ship with the project."""
        shipped = sorted(p for p in (self.root / "tests" / "golden").glob("*") if p.is_dir())
        return [self.config["review"]["expectation"], *map(str, shipped)]

    def code(self, script: str, *modules: str) -> str:
        """Hash of ``workflow/scripts/<script>.py``, of all it imports, and of further modules named by file."""
        scripts = self.root / "workflow" / "scripts"
        return self._sources.code_hash([scripts / f"{script}.py", *(scripts / "introprog" / m for m in modules)])

    @cached_property
    def _sources(self) -> Sources:
        return Sources()

    def resources(self, rule: str) -> dict[str, Callable]:
        """Memory and time of a rule's jobs, from ``workflow/resources.yaml``."""
        return declared(rule, self._measured, self.config["synthetic"]["scale"])

    @cached_property
    def _measured(self) -> dict:
        return read_yaml(self.root / "workflow" / "resources.yaml")

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

    @property
    def followed(self) -> list[str]:
        """What comes of following groups: the employed, by place and by trait, only where there are persons."""
        own = () if self.source == "statbank" else ("employed_by_place", "employed_by_trait")
        return ["status_by_group", *own]

    def watched(self) -> list[str]:
        """What the closing words of a run speak of."""
        return [*self.targets(), PLACES["verdict"]]

    @property
    def console_language(self) -> str:
        """English like all messages, or else the first language of the run."""
        return "en" if "en" in self.config["languages"] else self.config["languages"][0]
