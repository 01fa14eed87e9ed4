"""From input files to a display: reads what the registry entry needs, and calls the display's module."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pandas as pd

from introprog.content import read_yaml
from introprog.data_kind import data_kind
from introprog.displays.context import Context
from introprog.tables import Table
from introprog.tabular import read_csv, read_table

CODES = ("municipality", "municipality_code", "county", "region", "status", "term", "base", "year")
TEXT_OF = {"published": (*CODES, "exit_year", "horizon_years", "n", "note"), "countries": ("code",)}


def module_of(entry: Mapping) -> ModuleType:
    """The module that makes the display of a registry entry."""
    return import_module(f"introprog.displays.{entry['module']}")


def read_inputs(paths: Mapping[str, str]) -> dict[str, object]:
    """Parquet and CSV as data frames (codes as text), YAML as a mapping, by name."""
    inputs: dict[str, object] = {}
    for name, path in paths.items():
        suffix = Path(path).suffix
        if suffix == ".parquet" and name == "region_status":
            inputs[name] = read_regions(path)
        elif suffix == ".parquet":
            inputs[name] = read_table(path)
        elif suffix == ".csv":
            inputs[name] = read_csv(path, text=TEXT_OF.get(name, CODES))
        else:
            inputs[name] = read_yaml(path)
    return inputs


def read_regions(path: str | Path) -> pd.DataFrame:
    """Country and county rows of the region table; single municipalities, nine tenths of it, are shown by the panel."""
    import pyarrow.parquet as pq

    return pq.read_table(path, filters=[("region_level", "!=", "municipality")]).to_pandas()


def with_days(settings: Mapping, path: str | None) -> dict:
    """``settings`` with the days that the StatBank's files state (contract, section 5), for the source line."""
    days = read_csv(path, text=("updated", "extracted", "withdrawn")).iloc[0].to_dict() if path else {}
    return {**settings, "statbank_days": days}


def make_numbers(entry: Mapping, inputs: Mapping[str, object], settings: Mapping) -> pd.DataFrame:
    """The CSV twin: the module's numbers behind a column ``data`` (synthetic, own, statbank or published).

    Counts are rounded where ``settings["disclosure"]`` has a rule for it (``introprog.release.rounding``).
    A module that sets published figures beside those of the run marks their rows with ``kind`` = ``published``.
    """
    numbers = module_of(entry).numbers(inputs, settings).reset_index(drop=True)
    rounding = settings["disclosure"].get("rounding")
    if rounding:
        from introprog.release.rounding import round_display

        numbers = round_display(numbers, rounding, rounding["base"], settings.get("study", {}).get("confidence", 0.95))
    data = pd.Series(data_kind(entry, settings), index=numbers.index, dtype="str")
    if "kind" in numbers:
        data = data.mask(numbers["kind"] == "published", "published")
    numbers.insert(0, "data", data)
    return numbers


def make_table(numbers: pd.DataFrame, context: Context) -> Table:
    """The printed table in the context's language."""
    return module_of(context.entry).table(numbers, context)


def draw_to(paths: Sequence[str], numbers: pd.DataFrame, context: Context) -> None:
    """Draw once and save to every path of the context's language."""
    from introprog.figures import save_figure, settle
    from introprog.house_style import house_style

    with house_style():
        figure = settle(module_of(context.entry).draw(numbers, context))
        for path in paths_of(paths, context.language):
            save_figure(figure, path, context)


def paths_of(paths: Sequence[str], language: str) -> list[str]:
    """Those of the output paths that are in ``language`` (``<id>_<language>.<ending>``)."""
    return [p for p in paths if Path(p).stem.endswith(f"_{language}")]
