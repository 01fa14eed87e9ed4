"""A run as a Workflow RO-Crate: the workflow, its releasable results and what they are, in one archive.

RO-Crate 1.1 with the Workflow RO-Crate profile 1.0 (https://w3id.org/workflowhub/workflow-ro-crate/1.0): the Snakefile
is the main workflow, every result a file with its name, format and hash. All dates are the release's, so that the same
run gives the same bytes.
"""

import json
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from introprog.review.expectation import file_hash

if TYPE_CHECKING:
    from rocrate.model.contextentity import ContextEntity
    from rocrate.rocrate import ROCrate

PROFILE = "https://w3id.org/workflowhub/workflow-ro-crate/1.0"
WORKFLOW_PROFILE = "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"
METADATA = "ro-crate-metadata.json"
# RO-Crate 1.1 has no word for a hash; the workflow-run profiles have.
TERMS = {"sha256": "https://w3id.org/ro/terms/workflow-run#sha256"}
FIRST_DAY = (1980, 1, 1, 0, 0, 0)
# A table of our own, because what the system's says differs from place to place.
FORMATS = {
    ".cff": "application/yaml",
    ".css": "text/css",
    ".csv": "text/csv",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".gz": "application/gzip",
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".md": "text/markdown",
    ".parquet": "application/vnd.apache.parquet",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".py": "text/x-python",
    ".rst": "text/x-rst",
    ".smk": "text/x-python",
    ".svg": "image/svg+xml",
    ".tex": "text/x-tex",
    ".ttf": "font/ttf",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".yaml": "application/yaml",
}
PLAIN = "text/plain"
SHIPPED = ("README.md", "LICENSE", "CITATION.cff", "config.yaml", "requirements.txt", "data/README.md")


def workflow_files(root: str | Path) -> list[str]:
    """Files of the project that the crate carries, relative to ``root``: all that a run and its review need.

    Programs, schemas, pages, open data and the expectations; no results, and no tests but what rules name.
    """
    root = Path(root)
    programs = ("workflow", "profiles", "docs", "tests/benchmark", "tests/reference", "tests/golden")
    folders = (*programs, "data/codebook", "data/codelists", "data/published")
    found = [p for folder in folders for p in (root / folder).rglob("*") if p.is_file() and p.suffix != ".pyc"]
    names = {p.relative_to(root).as_posix() for p in found} | {"data/claims.yaml"}
    return sorted({*names, *(name for name in SHIPPED if (root / name).is_file())})


def describe(root: str | Path, results: Iterable[str], names: Mapping[str, str], digest: str) -> dict:
    """The metadata of the crate as JSON-LD.

    ``results``: releasable files (``results/<kind>/<file>``) under the working folder; ``names``: title by display id;
    ``digest``: of the manifest. The citation file gives title, abstract, licence, version and date.
    """
    from rocrate.rocrate import ROCrate

    root = Path(root)
    cited = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    crate = ROCrate(version="1.1")
    crate.metadata.extra_terms.update(TERMS)
    _cite(crate, cited)
    crate.root_dataset["conformsTo"] = {"@id": PROFILE}
    crate.root_dataset["identifier"] = f"sha256:{digest}"
    what = {"name": cited["title"], "version": cited["version"], "license": crate.license}
    what |= {"dateCreated": str(cited["date-released"]), "author": crate.root_dataset["author"]}
    what |= {"conformsTo": {"@id": WORKFLOW_PROFILE}, "encodingFormat": PLAIN}
    crate.add_workflow(str(root / "Snakefile"), "Snakefile", main=True, lang="snakemake", properties=what)
    for name in workflow_files(root):
        about = {"about": {"@id": "./"}} if name == "README.md" else {}
        crate.add_file(str(root / name), name, properties={"encodingFormat": _format(name), **about})
    for path in sorted(results):
        crate.add_file(path, path, properties=_properties(Path(path), names))
    return crate.metadata.generate()


def _cite(crate: "ROCrate", cited: Mapping) -> None:
    """Title, abstract, date, licence and authors of the citation file; a first author that is no person publishes."""
    crate.name, crate.description = cited["title"], cited["abstract"].strip()
    crate.datePublished, crate.keywords = str(cited["date-released"]), cited["keywords"]
    crate.license = _entity(crate, *_licence(cited["license"]))
    authors = [_entity(crate, *_author(author)) for author in cited["authors"]]
    crate.root_dataset["author"] = authors if len(authors) > 1 else authors[0]
    if authors[0].type == "Organization":
        crate.publisher = authors[0]


def _properties(path: Path, names: Mapping[str, str]) -> dict[str, str]:
    display = path.stem.removesuffix("_nb").removesuffix("_en")
    title = f"{display}: {names[display]}" if display in names else path.stem
    size = str(path.stat().st_size)
    return {"name": title, "sha256": file_hash(path), "contentSize": size, "encodingFormat": _format(path)}


def _format(path: str | Path) -> str:
    return FORMATS.get(Path(path).suffix, PLAIN)


def _entity(crate: "ROCrate", identity: str, properties: Mapping[str, str]) -> "ContextEntity":
    from rocrate.model.contextentity import ContextEntity

    return crate.add(ContextEntity(crate, identity, properties=dict(properties)))


def _licence(spdx: str) -> tuple[str, dict[str, str]]:
    address = f"https://spdx.org/licenses/{spdx}"
    return address, {"@type": "CreativeWork", "name": f"{spdx} License", "url": address, "identifier": address}


def _author(cited: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Identifier and properties of an author of the citation file: an organisation has a ``name``, a person has two."""
    if "name" in cited:
        kind, name = "Organization", cited["name"]
    else:
        kind, name = "Person", f"{cited['given-names']} {cited['family-names']}"
    return cited.get("orcid", "#" + "-".join(name.lower().split())), {"@type": kind, "name": name}


def pack(metadata: Mapping, root: str | Path, results: Iterable[str], archive: str | Path) -> None:
    """Write the crate: metadata, workflow and results, sorted and with one fixed date: it repeats byte for byte."""
    root = Path(root)
    files = {name: root / name for name in ("Snakefile", *workflow_files(root))}
    files |= {path: Path(path) for path in results}
    text = json.dumps(metadata, ensure_ascii=False, indent=1, sort_keys=True)
    with zipfile.ZipFile(archive, "w") as stream:
        _add(stream, METADATA, f"{text}\n".encode())
        for name in sorted(files):
            _add(stream, name, files[name].read_bytes())


def _add(stream: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, FIRST_DAY)
    entry.external_attr = 0o644 << 16
    entry.create_system = 3
    # pictures and pages are large and compress well; stored as they are they would be three times the size
    stream.writestr(entry, content, zipfile.ZIP_DEFLATED, compresslevel=6)
