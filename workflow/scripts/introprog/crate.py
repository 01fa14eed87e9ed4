"""A run as a Workflow RO-Crate: the workflow, its releasable results and what they are, in one archive.

RO-Crate 1.1 with the Workflow RO-Crate profile 1.0 (https://w3id.org/workflowhub/workflow-ro-crate/1.0): the Snakefile
is the main workflow, every result a file with its name, format and hash. All dates are the release's, so that the same
run gives the same bytes.
"""

import json
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import yaml

from introprog.review.expectation import file_hash

PROFILE = "https://w3id.org/workflowhub/workflow-ro-crate/1.0"
METADATA = "ro-crate-metadata.json"
FIRST_DAY = (1980, 1, 1, 0, 0, 0)
FORMATS = {
    ".csv": "text/csv",
    ".html": "text/html",
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}
SHIPPED = ("README.md", "LICENSE", "CITATION.cff", "config.yaml", "requirements.txt", "data/README.md")


def workflow_files(root: str | Path) -> list[str]:
    """Files of the project that the crate carries, relative to ``root``: programs, schemas, open data, no results."""
    root = Path(root)
    folders = ("workflow", "profiles", "data/codebook", "data/codelists", "data/published")
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
    day = str(cited["date-released"])
    crate = ROCrate(version="1.1")
    crate.name, crate.description = cited["title"], cited["abstract"].strip()
    crate.datePublished, crate.license = day, f"https://spdx.org/licenses/{cited['license']}"
    crate.root_dataset["conformsTo"] = [{"@id": PROFILE}]
    crate.root_dataset["identifier"] = f"sha256:{digest}"
    crate.keywords = cited["keywords"]
    what = {"name": cited["title"], "version": cited["version"], "license": crate.license, "dateCreated": day}
    crate.add_workflow(str(root / "Snakefile"), "Snakefile", main=True, lang="snakemake", properties=what)
    for name in workflow_files(root):
        crate.add_file(str(root / name), name)
    for path in sorted(results):
        crate.add_file(path, path, properties=_properties(Path(path), names))
    return crate.metadata.generate()


def _properties(path: Path, names: Mapping[str, str]) -> dict[str, str]:
    display = path.stem.removesuffix("_nb").removesuffix("_en")
    title = f"{display}: {names[display]}" if display in names else path.stem
    known = {"encodingFormat": FORMATS[path.suffix]} if path.suffix in FORMATS else {}
    return {"name": title, "sha256": file_hash(path), "contentSize": str(path.stat().st_size), **known}


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
