"""A caption for every display in Snakemake's own report (``snakemake --report``), written from the registry.

The rules that draw serve many displays, and a caption's template knows its job but not its file: hence a file a
display, under ``workflow/report/captions/``. ``python -m introprog.report_captions`` (with ``workflow/scripts`` on the
path) writes them; a test keeps them in step.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from introprog.displays.registry import registry

FOLDER = Path("workflow") / "report" / "captions"
FUNCTIONS = {"figure": "draw", "table": "table"}
MARKUP = re.compile(r"([\\*`|_])")


def plain(text: str) -> str:
    """``text`` as reStructuredText and Jinja2 leave it."""
    return MARKUP.sub(r"\\\1", text).replace("{", "{{ '{' }}")


def caption_of(name: str, entry: Mapping) -> str:
    """The caption of a display (an entry of the registry) in both languages, with what makes it."""
    parts = [f"**{name}**"]
    for language in ("en", "nb"):
        parts.append(f"**{plain(entry['title'][language])}**\n{plain(entry['caption'][language])}")
    function = f"introprog.displays.{entry['module']}.{FUNCTIONS[entry['form']]}"
    needs = ", ".join(f"``{need}``" for need in entry["needs"])
    parts.append(f"Made from {needs} by ``{function}``; ``snakemake {name}`` makes it by itself.")
    return "\n\n".join(parts) + "\n"


def captions(root: Path) -> dict[str, str]:
    """File name -> text of every caption of the project in ``root``."""
    entries = registry(root / "workflow" / "displays.yaml")
    return {f"{name}.rst": caption_of(name, entry) for name, entry in entries.items()}


def main(root: Path) -> None:
    """Write the captions of the project in ``root``; those of displays that are gone are removed."""
    folder, wanted = root / FOLDER, captions(root)
    folder.mkdir(exist_ok=True)
    for path in folder.glob("*.rst"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(__file__).resolve().parents[3])
