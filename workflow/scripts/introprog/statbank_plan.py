"""What a run asks the StatBank for, and where the answer is kept."""

import mmap
import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

STATUSES = re.compile(rb'"Arbeidsmarkedsstatus"\s*:\s*\{')
WITHIN = 8_000


def has_details(paths: Sequence[str | Path]) -> bool:
    """Whether one of the files holds statuses within the three groups: employed (11) and employed in education (15).

    Only JSON-stat2 can; of a file only the codes are looked at, for every call of Snakemake asks.
    """
    return any(_codes_in(Path(path)) for path in paths)


def _codes_in(path: Path) -> bool:
    if not path.is_file() or path.stat().st_size == 0:
        return False
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        found = STATUSES.search(content)
        codes = content[found.end() : found.end() + WITHIN].split(b'"ContentsCode"')[0] if found else b""
    return b'"11"' in codes and b'"15"' in codes


class StatbankPlan:
    """The part of a plan that speaks of the StatBank table; ``config`` is the study's."""

    config: Mapping

    def statbank_files(self) -> list[str]:
        """The files that config names, or those that rule fetch_statbank makes."""
        paths = self.config["statbank"]["path"]
        named = [paths] if isinstance(paths, str) else list(paths)
        return [path for path in named if path] or self.statbank_tables

    @property
    def statbank_folders(self) -> dict[str, dict[str, list[str]]]:
        """Where the pieces of each fetched part of the table are kept, and what is asked for it.

        Municipalities by the total and the three status groups; country and counties by every status, for with all of
        them in every municipality most cells would be suppressed.
        """
        block = self.config["statbank"]
        common = {
            "Kjonn": ["0", "1", "2"],
            "IntroAvbrudd": ["[01][0-9]"],
            "ContentsCode": list(block["contents"]),
            "Tid": ["*"] if block["years"] == "all" else [str(year) for year in block["years"]],
        }
        towns = {"Region": ["[0-9][0-9][0-9][0-9]"], "Arbeidsmarkedsstatus": ["00", "1", "2", "3"]}
        counties = {"Region": ["0", "[0-9][0-9]"], "Arbeidsmarkedsstatus": ["*"]}
        folder = f"data/raw/statbank/{block['table']}"
        return {folder: towns | common, f"{folder}-counties": counties | common}

    @property
    def statbank_tables(self) -> list[str]:
        """The files that are put together of those pieces."""
        return [f"{folder}.json" for folder in self.statbank_folders]

    def statbank_url(self) -> str:
        """Address of the table at the PxWeb service."""
        block = self.config["statbank"]
        return f"{block['url'].rstrip('/')}/{block['table']}"

    @cached_property
    def statbank_details(self) -> bool:
        """Whether the statuses within the groups are there: in the files named, or in what will be fetched."""
        files = self.statbank_files()
        if files == self.statbank_tables and not all(Path(path).is_file() for path in files):
            return True
        return has_details(files)
