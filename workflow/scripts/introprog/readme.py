"""The table of README.md that leads from a figure or table to the rule, function and file that make it.

``python -m introprog.readme`` (with ``workflow/scripts`` on the path) writes it between its marks; a test keeps
it in step.
"""

from collections.abc import Mapping
from pathlib import Path

import yaml

from introprog.plan import Plan

BEGIN, END = "<!-- displays: begin -->", "<!-- displays: end -->"
HEAD = ["Id", "Title", "Rule", "Function", "File", "Needs restricted data"]
FUNCTIONS = {"figure": "draw", "table": "table"}
EXTENSIONS = {"figure": "svg", "table": "html"}


def restricted(entry: Mapping) -> str:
    """``no`` for published figures and what the open StatBank can feed, else which restricted data it takes."""
    if entry.get("data") == "published":
        return "no: published figures"
    if "statbank" in entry["sources"]:
        return "no: open StatBank figures suffice"
    return {"survey": "survey", "linked": "registers and survey"}.get(entry.get("basis", "register"), "registers")


def display_rows(plan: Plan) -> list[list[str]]:
    """One row a display of the registry, in its order, as Markdown cells."""
    rows = []
    for name, entry in plan.registry.items():
        form = entry["form"]
        function = f"introprog.displays.{entry['module']}.{FUNCTIONS[form]}"
        file = f"results/{form}s/{name}_en.{EXTENSIONS[form]}"
        rule = plan.rule_name(name)
        rows.append([name, entry["title"]["en"], f"`{rule}`", f"`{function}`", f"`{file}`", restricted(entry)])
    return rows


def display_table(plan: Plan) -> str:
    """The table in Markdown, between its marks."""
    lines = [HEAD, ["---"] * len(HEAD), *display_rows(plan)]
    body = "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)
    return f"{BEGIN}\n{body}\n{END}"


def renewed(text: str, plan: Plan) -> str:
    """``text`` of README.md with the table as it should be; raises ``ValueError`` where the marks are missing."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"README.md lacks the marks {BEGIN} and {END}")
    return f"{before}{display_table(plan)}{after}"


def plan_of(root: Path) -> Plan:
    """The plan of the config as shipped."""
    return Plan(yaml.safe_load((root / "config.yaml").read_text(encoding="utf-8")), root)


def main(root: Path) -> None:
    """Write the table into ``README.md`` of the project in ``root``."""
    path = root / "README.md"
    path.write_text(renewed(path.read_text(encoding="utf-8"), plan_of(root)), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(__file__).resolve().parents[3])
