"""What a run asks the StatBank for, and where the answer is kept."""

from collections.abc import Mapping


class StatbankPlan:
    """The part of a plan that speaks of the StatBank table; ``config`` is the study's."""

    config: Mapping

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
