"""What the pages of docs/ tell their readers to type: fenced blocks, commands, and the file each block goes into."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted([*(ROOT / "docs").glob("*.md"), ROOT / "README.md", ROOT / "data" / "README.md"])
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PLACE = re.compile(r"In `([^`]+)`, (?:under `([^`]+)`|(a new file)|(at the end)):\n+$")


@dataclass(frozen=True)
class Block:
    """A fenced block of a page; ``path`` and ``under`` say where its text goes, where the page says so."""

    page: Path
    heading: str
    language: str
    text: str
    path: str = ""
    under: str = ""


def blocks(page: Path) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    for found in FENCE.finditer(text):
        before = text[: found.start()]
        heads = re.findall(r"^#+ (.+)$", FENCE.sub("", before), re.MULTILINE)
        place = PLACE.search(before)
        path, under = (place[1], place[2] or "") if place else ("", "")
        yield Block(page, heads[-1] if heads else "", found[1], found[2], path, under)


def put(block: Block, project: Path) -> None:
    """Do what the page says: write a new file, add lines at the end, or right after the line of a key."""
    target = project / block.path
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(block.text, encoding="utf-8")
        return
    text = target.read_text(encoding="utf-8")
    if not block.under:
        target.write_text(text.rstrip("\n") + "\n" + block.text, encoding="utf-8")
        return
    lines = [line for line in text.splitlines() if line in (block.under, f"{block.under}:")]
    if len(lines) != 1:
        raise ValueError(f"{block.path} has {len(lines)} lines {block.under!r}")
    head, tail = text.split(f"{lines[0]}\n", 1)
    target.write_text(f"{head}{lines[0]}\n{block.text}{tail}", encoding="utf-8")


def commands(block: Block) -> list[str]:
    """The commands of a console block (after ``$``) or of a shell block (each line that is no comment)."""
    lines = block.text.splitlines()
    if block.language == "console":
        return [line[2:] for line in lines if line.startswith("$ ")]
    return [line for line in lines if line and not line.startswith("#")] if block.language == "sh" else []
