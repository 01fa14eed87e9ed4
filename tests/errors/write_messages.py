"""Write messages.yaml anew from the damages of mutations.py; read every changed message before you keep it.

PYTHONPATH=workflow/scripts python tests/errors/write_messages.py
"""

import tempfile
from pathlib import Path

import yaml
from introprog.errors import InputError
from introprog.inspection import inspect_extracts
from mutations import MUTATIONS, ROOT, WAVES, good_extracts
from raw_extracts import STUDY


class Block(str):
    """A text that YAML writes line by line."""


def message(name: str) -> Block:
    """The whole answer of the check to one damage."""
    books = sorted((ROOT / "data" / "codebook").rglob("*.yaml"))
    with tempfile.TemporaryDirectory() as scratch:
        folder = good_extracts(Path(scratch) / "raw")
        MUTATIONS[name](folder)
        found = inspect_extracts(folder, books, ROOT / "data" / "codelists", STUDY, WAVES)
    return Block(f"{InputError(found.problems)}\n")


if __name__ == "__main__":
    yaml.SafeDumper.add_representer(
        Block, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|")
    )
    content = yaml.safe_dump({n: message(n) for n in MUTATIONS}, allow_unicode=True, sort_keys=False, width=1000)
    head = "# The exact answer to each damage of mutations.py; write_messages.py writes it.\n"
    (Path(__file__).parent / "messages.yaml").write_text(head + content, encoding="utf-8")
