"""A made-up run for the tests of the report: display files and model tables with few numbers whose meaning is known."""

from pathlib import Path
from urllib.parse import unquote

import pandas as pd
import yaml
from introprog.claims.facts import published_shares
from introprog.claims.judge import judge
from introprog.claims.ledger import read_ledger
from introprog.published import read_published
from introprog.tables import Column, Row, Table, save_table
from introprog.tabular import write_csv, write_table

ROOT = Path(__file__).parents[2]
TEXTS = ROOT / "workflow" / "report"
STATUS = str(ROOT / "data" / "codelists" / "status.csv")
LEDGER = ROOT / "data" / "claims.yaml"
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
WORDS = yaml.safe_load((TEXTS / "words.yaml").read_text(encoding="utf-8"))
SVG = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg role="img" width="120pt" height="60pt" viewBox="0 0 120 60" xmlns="http://www.w3.org/2000/svg" version="1.1">
 <title>Title</title>
 <metadata>made then</metadata>
 <!-- a remark -->
 <g transform="translate(10.123456 20) scale(0.085 -0.085)"><path d="M 1.23456 2.000001
L 30 40.5 z" style="stroke-width: 0.125"/></g>
</svg>
"""


def t_c6() -> pd.DataFrame:
    rows = [
        ("ssb_november", 12, 1000, 630, 0.63),
        ("ssb_november", 60, 900, 594, 0.66),
        ("hours_30", 12, 1000, 250, 0.25),
        ("direct_exit", 0, 1010, 505, 0.50),
    ]
    frame = pd.DataFrame(rows, columns=["definition", "months", "n", "successes", "share"])
    half = 0.03
    limits = {"ci_low": frame["share"] - half, "ci_high": frame["share"] + half, "suppressed": False}
    return frame.assign(data="synthetic", first_exit_year=2012, last_exit_year=2018, **limits)


def f_d5() -> pd.DataFrame:
    """Four municipalities at one year: 90 of 100, 40 of 100, 7 of 10, and one hidden."""
    towns = [("1001", "Avik", 100, 0.9, 95), ("1002", "Bvik", 100, 0.4, 99.8), ("1003", "Cvik", 10, 0.7, 0)]
    rows = [
        {"kind": "municipality", "horizon": 1, "municipality": m, "name": name, "n": n, "rate": rate}
        | {"outside_overdispersed": outside, "suppressed": False}
        for m, name, n, rate, outside in towns
    ]
    rows.append({"kind": "municipality", "horizon": 1, "municipality": "1004", "name": "Dvik", "suppressed": True})
    for level, wide in ((0.95, 0.3), (0.998, 0.4)):
        for n, drawn in ((10, wide), (100, wide / 3)):
            limit = {"low": 0.6 - drawn, "high": 0.6 + drawn, "drawn_low": 0.6 - drawn, "drawn_high": 0.6 + drawn}
            rows.append({"kind": "limit", "horizon": 1, "n": n, "level": level, **limit, "suppressed": False})
    return pd.DataFrame(rows).assign(data="synthetic")


def f_c4() -> pd.DataFrame:
    rows = [("1001", "Avik", h, 100, 0.9, 1, 1, 2) for h in (1, 5, 0)] + [("1002", "Bvik", 1, 100, 0.4, 2, 1, 2)]
    columns = ["municipality", "name", "horizon", "n", "rate", "rank", "rank_low", "rank_high"]
    return pd.DataFrame(rows, columns=columns).assign(data="synthetic", suppressed=False)


def f_c1_county() -> pd.DataFrame:
    """A county with two sets of cohorts, the later one followed less far, and the country."""
    rows = [
        ("all", "all", 2012, 2014, 1, 900, 0.6),
        ("10", "Afylke", 2009, 2011, 1, 100, 0.5),
        ("10", "Afylke", 2009, 2011, 2, 100, 0.5),
        ("10", "Afylke", 2012, 2014, 1, 200, 0.6),
        ("10", "Afylke", 2012, 2014, 2, 190, 0.8),
        ("10", "Afylke", 2015, 2017, 1, 300, 0.7),
    ]
    columns = ["level", "name", "first_exit_year", "last_exit_year", "horizon", "n", "share"]
    return pd.DataFrame(rows, columns=columns).assign(data="synthetic", suppressed=False)


def profile() -> pd.DataFrame:
    """Context of the three municipalities that are shown; the third is more like the first than the second is."""
    rows = [("1001", "Avik", 9000, 2.0, 3, 0.5), ("1002", "Bvik", 90000, 5.0, 1, 0.4)]
    rows += [("1003", "Cvik", 8000, 2.1, 3, None), ("1004", "Dvik", 9000, 2.0, 3, 0.5)]
    columns = ["municipality", "name", "population", "unemployment", "centrality", "women"]
    empty = {"compulsory": None, "horn_of_africa": None, "syria": None}
    return pd.DataFrame(rows, columns=columns).assign(county="10", county_name="Afylke", year="2018", **empty)


def verdict() -> pd.DataFrame:
    rows = [
        (True, "undecided", "hoved", "main </script> one"),
        (False, "associated", "a", "a"),
        (False, "not estimable: few", "b", "b"),
    ]
    return pd.DataFrame(rows, columns=["primary", "verdict", "sentence_nb", "sentence_en"])


def target_changes(p: float = 0.5, method: str = "persons followed") -> pd.DataFrame:
    keys = {"definition": "ssb_november", "horizon": 1, "horizon_other": 5, "municipalities": 85}
    noise = {"noise_and_shift": 11.6, "noise_and_shift_low": 6.0, "noise_and_shift_high": 17.2}
    rows = [{**keys, "rule": rule, "changed": 16, "reversed": 2, "p_value": p} for rule in ("point", "tested")]
    return pd.DataFrame(rows).assign(method=method, **noise)


def forecast(low: float, high: float) -> pd.DataFrame:
    row = {"model": "one_moment", "definition": "ssb_november", "horizon": 1, "horizon_other": 5}
    return pd.DataFrame(
        [{**row, "term": "slope_corrected", "estimate": (low + high) / 2, "ci_low": low, "ci_high": high}]
    )


def claims() -> pd.DataFrame:
    """Verdicts of a ledger whose rules find nothing in the run, only in published figures."""
    published = read_published(ROOT / "data/published/figures.csv", ROOT / "data/published/sources.csv")
    return judge(read_ledger(LEDGER), {}, published_shares(published), CONFIG)


def panel() -> pd.DataFrame:
    keys = {"horizon": 1, "definition": "ssb_november", "geography": "programme", "sex": "both"}
    rows = [
        {"municipality": "1001", "exit_year": 2012, **keys, "n": 50, "successes": 40, "suppressed": False},
        {"municipality": "1001", "exit_year": 2013, **keys, "n": None, "successes": None, "suppressed": True},
        {"municipality": "1004", "exit_year": 2012, **keys, "n": None, "successes": None, "suppressed": True},
    ]
    return pd.DataFrame(rows).astype({"n": "Int64", "successes": "Int64"})


def _entry(form: str, title: str, **more: str) -> dict:
    texts = {key: {"nb": f"{text} nb", "en": f"{text} en"} for key, text in (("title", title), ("alt", "What"))}
    caption = {"nb": "Bildetekst", "en": "A caption"}
    return {"form": form, "rule": f"make_{title.lower()}", "caption": caption, **texts, **more}


def write_run(folder: Path) -> dict:
    """Files of a run under ``folder``; returns the arguments of ``introprog.report.content.gather``."""
    frames = {"T-C6": t_c6(), "F-D5": f_d5(), "F-C4": f_c4(), "F-C1-county": f_c1_county()}
    frames["F-B2-published"] = pd.DataFrame({"data": ["published"] * 100, "share": range(100)})
    entries = {
        "T-C6": _entry("table", "Criteria"),
        "F-D5": _entry("figure", "Funnel"),
        "F-C4": _entry("figure", "Rank"),
        "F-C1-county": _entry("figure", "County"),
    }
    entries["F-B2-published"] = _entry("figure", "Printed", data="published")
    files = []
    for name, frame in frames.items():
        place = folder / "results" / f"{entries[name]['form']}s"
        place.mkdir(parents=True, exist_ok=True)
        write_csv(frame, place / f"{name}.csv")
        files.append(str(place / f"{name}.csv"))
        for language in ("nb", "en"):
            files.append(str(place / f"{name}_{language}.{'html' if name[0] == 'T' else 'svg'}"))
            if name[0] == "F":
                Path(files[-1]).write_text(SVG, encoding="utf-8")
                continue
            table = Table(language, "A title", "Stub", [Column("Share")], [Row("a <b>", ["63"])], ["A foot & more."])
            save_table(table, files[-1])
    models = {"verdict": verdict(), "target_changes": target_changes(), "claims": claims()}
    models["municipality_profile"] = profile()
    for name, frame in models.items():
        write_csv(frame, folder / f"{name}.csv")
    write_table(panel(), folder / "panel.parquet", ["municipality", "exit_year"])
    return {
        "entries": entries,
        "files": files,
        "models": {name: str(folder / f"{name}.csv") for name in models},
        "panel": str(folder / "panel.parquet"),
        "status": STATUS,
        "texts": TEXTS,
        "ledger": LEDGER,
        "settings": CONFIG,
    }


def decoded(address: str) -> str:
    """The text inside a data address."""
    return unquote(address.split(",", 1)[1])
