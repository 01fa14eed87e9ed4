"""The whole ledger judged: each claim once by the numbers of the run, once by published figures."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from introprog.claims.facts import answer_shares, national_shares, published_shares, reliable_shares
from introprog.claims.rules import NOTHING, Evidence, evaluate
from introprog.content import read_yaml
from introprog.displays.making import read_regions
from introprog.published import read_published
from introprog.tabular import read_csv, read_table

COLUMNS = [
    "claim", "evidence", "data", "rule", "estimate", "ci_low", "ci_high", "n", "region_low", "region_high",
    "criterion", "unit", "verdict", "reason_nb", "reason_en",
]  # fmt: skip
KINDS = {"synthetic": "synthetic", "extracts": "own", "statbank": "statbank"}


def places(settings: Mapping) -> dict[str, object]:
    """What a rule may name instead of a value: choices of the study, so that a rule follows the config."""
    horizons = [h for h in settings["comparison"]["horizons"] if h > 0]
    return {
        "$official": settings["official_definition"],
        "$early": horizons[0],
        "$late": horizons[-1],
        "$target": settings["study"]["target_share"],
    }


def filled(node: object, values: Mapping[str, object]) -> object:
    """A rule with its places filled, all the way down; raises ``KeyError`` for a place that does not exist."""
    if isinstance(node, Mapping):
        return {key: filled(child, values) for key, child in node.items()}
    if isinstance(node, list):
        return [filled(child, values) for child in node]
    return values[node] if isinstance(node, str) and node.startswith("$") else node


def judge(
    claims: Mapping[str, Mapping],
    run: Mapping[str, pd.DataFrame],
    published: pd.DataFrame,
    settings: Mapping,
) -> pd.DataFrame:
    """Two rows a claim (``evidence`` = ``run`` and ``published``), columns ``COLUMNS``; no verdict is written by hand.

    ``run``: tables of the run by name; ``published``: of ``facts.published_shares``; ``settings``: the blocks ``source,
    study, comparison, official_definition, disclosure`` of the config.
    """
    confidence, values = settings["study"]["confidence"], places(settings)
    evidence = {
        "run": Evidence(run, confidence, settings["disclosure"]["threshold"]),
        "published": Evidence({"published": published}, confidence, 0),
    }
    kinds = {"run": KINDS[settings["source"]], "published": "published"}
    rows = []
    for name, claim in claims.items():
        for kind, known in evidence.items():
            rule = filled(claim[kind], values)
            found = evaluate(rule, known)
            region = [np.nan if limit is None else float(limit) for limit in rule.get("region", (None, None))]
            reason = found.reason or NOTHING
            numbers = [float(x) for x in (found.estimate, found.low, found.high, found.n)]
            criterion = rule.get("holds", "beyond_noise" if rule["rule"] == "beyond_noise" else "")
            told = [criterion, rule.get("unit", ""), found.verdict, reason["nb"], reason["en"]]
            rows.append([name, kind, kinds[kind], rule["rule"], *numbers, *region, *told])
    return pd.DataFrame(rows, columns=COLUMNS)


def read_evidence(paths: Mapping[str, object], settings: Mapping) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Tables of the run by name, and published shares, from input files by name.

    ``paths``: models by name, ``region_status``, where there are surveys ``scales`` and ``codebook`` (the instruments),
    ``published`` and ``published_sources``.
    """
    models = [n for n, p in paths.items() if str(p).startswith("results/models/")]
    run = {name: read_csv(paths[name]) for name in models}
    run["shares"] = national_shares(read_regions(paths["region_status"]), tuple(settings["comparison"]["exit_years"]))
    if "signal" in run:
        run["reliable"] = reliable_shares(run["signal"])
    if "scales" in paths:
        books = {Path(p).stem: read_yaml(p) for p in paths["codebook"]}
        run["answers"] = answer_shares(read_table(paths["scales"]), run["measurement"], books)
    return run, published_shares(read_published(paths["published"], paths["published_sources"]))
