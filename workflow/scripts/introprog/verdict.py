"""From an estimate to one of three verdicts: associated, equivalent to nil, or undecided; with the sentence that says
so.

Equivalence is by two one-sided tests on Fisher's z (Goertzen & Cribbie 2010, doi 10.1348/000711009X475853; Lakens,
Scheel & Isager 2018, doi 10.1177/2515245918770963): the 1 - 2 alpha interval lies within the smallest effect of
interest. That comes first, so that a correlation told from zero but certainly too small to matter counts as equivalent
to nil.
"""

from collections.abc import Mapping

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from introprog.reasons import FORETOLD as FORETOLD
from introprog.reasons import NOT_OBSERVED as NOT_OBSERVED
from introprog.reasons import reason as reason

POWER = 0.80


def tost_p(r: float, n: int, smallest: float, z_error: float | None = None) -> float:
    """p-value of the equivalence test of a correlation from ``n`` pairs against the bounds -smallest and smallest.

    ``z_error``: estimated error of Fisher's z, for t on n - 2; without it Fisher's own and the normal.
    """
    z, bound = np.arctanh(r), np.arctanh(smallest)
    if z_error is None:
        return float(max(ndtr((side * z - bound) * np.sqrt(n - 3)) for side in (-1, 1)))
    with np.errstate(divide="ignore"):
        return float(max(stdtr(n - 2, (side * z - bound) / np.float64(z_error)) for side in (-1, 1)))


def smallest_detectable(n: int, alpha: float = 0.05, power: float = POWER, z_error: float | None = None) -> float:
    """Smallest true correlation that a two-sided test on ``n`` pairs finds with the given power; ``z_error`` as in
    ``tost_p``."""
    if z_error is None:
        return float(np.tanh((ndtri(1 - alpha / 2) + ndtri(power)) / np.sqrt(n - 3)))
    return float(np.tanh((stdtrit(n - 2, 1 - alpha / 2) + stdtrit(n - 2, power)) * z_error))


def half_width(n: int, alpha: float = 0.05) -> float:
    """Half the width of the 1 - alpha interval of a correlation of zero from ``n`` pairs."""
    return float(np.tanh(ndtri(1 - alpha / 2) / np.sqrt(n - 3)))


def smallest_bound(n: int, alpha: float = 0.05) -> float:
    """Smallest equivalence bound that ``n`` pairs with a correlation of zero can prove."""
    return float(np.tanh(ndtri(1 - alpha) / np.sqrt(n - 3)))


def decide(
    wide: tuple[float, float],
    narrow: tuple[float, float],
    smallest: float,
    true_narrow: tuple[float, float] | None = None,
) -> str:
    """``associated``, ``equivalent`` or ``undecided`` from the 1 - alpha and 1 - 2 alpha intervals of a correlation.

    ``true_narrow`` is the 1 - 2 alpha interval of the correlation freed of sampling error. Noise alone makes a measured
    correlation small, so where it is given, equivalence must hold for it too. The test of zero needs no such care:
    measured means are uncorrelated where true ones are.
    """
    if not (np.isfinite(wide).all() and np.isfinite(narrow).all()):
        raise ValueError("a verdict needs finite intervals")
    bounds = [narrow] if true_narrow is None else [narrow, true_narrow]
    if all(-smallest < low and high < smallest for low, high in bounds):
        return "equivalent"
    return "associated" if wide[0] > 0 or wide[1] < 0 else "undecided"


def holm(p_values: np.ndarray) -> np.ndarray:
    """Holm's adjusted p-values (m,) (Holm 1979)."""
    order = np.argsort(p_values)
    raised = np.maximum.accumulate(np.asarray(p_values)[order] * np.arange(len(order), 0, -1))
    adjusted = np.empty(len(order))
    adjusted[order] = np.minimum(raised, 1)
    return adjusted


def benjamini_hochberg(p_values: np.ndarray) -> np.ndarray:
    """Benjamini and Hochberg's adjusted p-values (m,) (doi 10.1111/j.2517-6161.1995.tb02031.x)."""
    order = np.argsort(p_values)[::-1]
    count = len(order)
    lowered = np.minimum.accumulate(np.asarray(p_values)[order] * count / np.arange(count, 0, -1))
    adjusted = np.empty(count)
    adjusted[order] = np.minimum(lowered, 1)
    return adjusted


def _number(value: float, language: str) -> str:
    if not np.isfinite(value):
        return TEXTS[language]["unknown"]
    text = f"{value:.2f}".replace("-", "\N{MINUS SIGN}")
    text = "0.00".join(text.split("\N{MINUS SIGN}0.00"))
    return text.replace(".", ",") if language == "nb" else text


NUMBERS = {
    "r": "r",
    "low": "ci95_low",
    "high": "ci95_high",
    "mde": "mde",
    "smallest": "smallest_effect",
    "scores": "reliability_survey",
    "results": "reliability_result",
}
TEXTS = {
    "en": {
        "head": "{survey}: {construct} and result {horizon}, leavers of {years}, definition “{definition}”: r = {r} "
        "between {n} municipalities (95 per cent interval {low} to {high}). ",
        "associated_up": "Associated: municipalities with higher scores tend to have better results.",
        "associated_down": "Associated: municipalities with higher scores tend to have weaker results.",
        "equivalent": "Equivalent to nil: a correlation of {smallest} or more in either direction is ruled out.",
        "undecided": "Undecided: neither no association nor one of {smallest} in size is ruled out. With {n} "
        "municipalities only a correlation of at least {mde} would be found in four of five studies.",
        "undecided_noise": "Undecided: the measured means hardly go together, but they are so uncertain (reliability "
        "{scores} of the scores, {results} of the results) that a true correlation of {smallest} in size is not ruled "
        "out.",
        "none": "{survey}: {construct} and result {horizon}, definition “{definition}”: cannot be estimated "
        "({reason}).",
        "unknown": "unknown",
        "horizon": ("one year after leaving", "{h} years after leaving"),
    },
    "nb": {
        "head": "{survey}: {construct} og resultat {horizon}, de som sluttet {years}, definisjon «{definition}»: "
        "r = {r} mellom {n} kommuner (95 prosent intervall {low} til {high}). ",
        "associated_up": "Henger sammen: kommuner med høyere skår har gjennomgående bedre resultater.",
        "associated_down": "Henger sammen: kommuner med høyere skår har gjennomgående svakere resultater.",
        "equivalent": "Så godt som ingen sammenheng: en korrelasjon på {smallest} eller mer, begge veier, er "
        "utelukket.",
        "undecided": "Uavgjort: verken ingen sammenheng eller en av størrelse {smallest} er utelukket. Med {n} "
        "kommuner ville bare en korrelasjon på minst {mde} bli funnet i fire av fem undersøkelser.",
        "undecided_noise": "Uavgjort: de målte gjennomsnittene henger knapt sammen, men de er så usikre (reliabilitet "
        "{scores} for skårene, {results} for resultatene) at en sann korrelasjon av størrelse {smallest} ikke er "
        "utelukket.",
        "none": "{survey}: {construct} og resultat {horizon}, definisjon «{definition}»: kan ikke beregnes ({reason}).",
        "unknown": "ukjent",
        "horizon": ("ett år etter avsluttet program", "{h} år etter avsluttet program"),
    },
}


def sentence(row: Mapping, labels: Mapping[str, str], language: str) -> str:
    """The verdict in words, from the numbers of one row of ``verdict.csv`` (or its reason, when there are none).

    ``labels``: ``survey``, ``construct``, ``definition`` and, where needed, ``reason`` in that language.
    """
    texts = TEXTS[language]
    horizon = int(row["horizon"])
    words = dict(labels) | {
        "horizon": texts["horizon"][horizon != 1].format(h=horizon),
        "n": int(row["municipalities"]),
    }
    if str(row["verdict"]).startswith("not estimable"):
        return texts["none"].format(**words)
    first, last = int(row["first_exit_year"]), int(row["last_exit_year"])
    words["years"] = str(first) if first == last else f"{first}\N{EN DASH}{last}"
    for name, column in NUMBERS.items():
        words[name] = _number(row[column], language)
    kind = row["verdict"]
    if kind == "associated":
        kind += "_up" if row["r"] > 0 else "_down"
    elif kind == "undecided" and row["verdict_raw"] == "equivalent":
        kind += "_noise"
    return (texts["head"] + texts[kind]).format(**words)
