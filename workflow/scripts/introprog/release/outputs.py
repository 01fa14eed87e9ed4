"""Which outputs a run releases, of which files each consists, and what the audit must know of the config."""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from introprog.content import read_yaml
from introprog.data_kind import DATA_OF_SOURCE, data_kind

if TYPE_CHECKING:
    from introprog.plan import Plan

AUDIT = "results/release/audit.csv"
MODELS = "results/models/"
EMPLOYED = "work_only"


def registry_path(plan: "Plan") -> str:
    """The file that says what the counts of each output mean."""
    return str(plan.root / "workflow" / "release.yaml")


def models(plan: "Plan") -> dict[str, str]:
    """Model tables that the displays and the report of this run are made from, by name; all of them in a whole run."""
    needed = plan.models if plan.config["displays"] == "all" else []
    needed += [path for display in plan.displays for path in plan.inputs(display).values()]
    return {
        path.rsplit("/", 1)[-1].removesuffix(".csv"): path for path in sorted(set(needed)) if path.startswith(MODELS)
    }


def tables(plan: "Plan") -> list[str]:
    """Every released table of numbers besides the panel."""
    return [*(plan.twin(display) for display in plan.displays), *models(plan).values()]


def outputs(plan: "Plan") -> dict[str, dict]:
    """Every released output by id: ``kind``, ``title`` (nb, en), ``data`` (whose numbers) and ``files``."""
    data = DATA_OF_SOURCE[plan.source]
    found = {
        name: {
            "kind": plan.registry[name]["form"],
            "title": plan.registry[name]["title"],
            "data": data_kind(plan.registry[name], plan.config),
            "files": [plan.twin(name), *plan.files(name), *_for_office(plan, name)],
        }
        for name in plan.displays
    }
    for name, path in models(plan).items():
        found[name] = {"kind": "model", "title": {"nb": name, "en": name}, "data": data, "files": [path]}
    panel = {"nb": "Kommunepanel etter avsløringskontroll", "en": "Municipality panel after disclosure control"}
    files = [plan.place("public_panel")]
    found["municipality_panel"] = {"kind": "panel", "title": panel, "data": data, "files": files}
    if plan.tables:
        title = {"nb": "Alle tabeller som arbeidsbok", "en": "All tables as a workbook"}
        files = [plan.workbook(language) for language in plan.config["languages"]]
        found["workbook"] = {"kind": "workbook", "title": title, "data": data, "files": files}
    if plan.config["displays"] == "all":
        title, files = {"nb": "Rapport", "en": "Report"}, [*plan.reports, *plan.report_documents]
        found["report"] = {"kind": "report", "title": title, "data": data, "files": files}
    return found


def _for_office(plan: "Plan", display: str) -> list[str]:
    """A table for Word and LaTeX; nothing for a figure."""
    languages = plan.config["languages"] if plan.registry[display]["form"] == "table" else ()
    return [path for language in languages for path in plan.table_documents(language, display)]


def record_files(plan: "Plan") -> list[str]:
    """The record of every output, in the order of ``outputs``."""
    return [f"results/release/{name}.yaml" for name in outputs(plan)]


def windows(plan: "Plan") -> list[list[int]]:
    """Spans of cohorts that displays pool by municipality: the comparison's, those of the primary survey wave and those
    of the wave of the integration index."""
    primary = plan.config["association"]["primary"]["wave"]
    spans = [list(plan.config["comparison"]["exit_years"]), _aligned(plan, primary), _index_years(plan)]
    return [list(span) for span in dict.fromkeys(map(tuple, spans))]


def _aligned(plan: "Plan", name: str) -> list[int]:
    """First and last year of leaving that are linked to a survey wave."""
    surveys = plan.config["surveys"]
    wave = surveys["waves"][name]
    return [wave["year"] + offset for offset in wave[surveys["alignment"]]]


def _index_years(plan: "Plan") -> list[int]:
    """Those of the integration index's wave, as far as they can be followed to its horizon."""
    block = plan.config["integration_index"]
    first, last = _aligned(plan, block["wave"])
    return [first, max(first, min(last, plan.config["study"]["last_observed_year"] - block["horizon"]))]


def audit_settings(plan: "Plan") -> Mapping:
    """What the audit reads of the config."""
    config = plan.config
    return {
        "source": plan.source,
        "disclosure": config["disclosure"],
        "official_definition": config["official_definition"],
        "employed_persons": _same_persons(config, EMPLOYED),
        "casemix_horizon": config["casemix"]["horizon"],
        "comparison_years": "-".join(map(str, dict.fromkeys(config["comparison"]["exit_years"]))),
        "index_years": "-".join(map(str, dict.fromkeys(_index_years(plan)))),
        "linked_definition": config["association"]["definition"],
        "minimum_answers": config["surveys"]["minimum_answers"],
    }


def _same_persons(config: Mapping, definition: str) -> str:
    """The official definition where it counts the same persons as another at the same times, else that other."""
    official, other = (config["definitions"].get(name, {}) for name in (config["official_definition"], definition))
    alike = all(official.get(key) == other.get(key) for key in ("moment", "denominator", "geography"))
    return config["official_definition"] if alike else definition


def rounding_of(display: str, block: Mapping, registry: Mapping) -> dict:
    """The settings under which a display is made: with rounding, small counts need not be hidden.

    ``block``: config's ``disclosure``. Displays without a rule, made from tables that are released themselves, keep the
    suppression of those.
    """
    rule = registry["outputs"].get(display, {}).get("round")
    if block["method"] != "round" or rule is None:
        return dict(block)
    return {**block, "threshold": 1, "rounding": {**rule, "base": block["base"]}}


def entry_of(plan: "Plan", display: str) -> dict:
    """The registry's entry of a display; where counts are rounded, with the block ``disclosure`` that holds for it."""
    entry, block = plan.registry[display], plan.config["disclosure"]
    if block["method"] != "round":
        return entry
    own = rounding_of(display, block, _read(registry_path(plan)))
    return entry | ({} if own == block else {"disclosure": own})


@cache
def _read(path: str) -> dict:
    return read_yaml(path)
