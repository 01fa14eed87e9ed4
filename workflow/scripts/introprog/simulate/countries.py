"""Countries of birth that participants come from, with what the simulator assumes about each."""

import numpy as np
import pandas as pd

AFRICA_HORN, AFRICA_OTHER, SYRIA, ASIA_OTHER, EUROPE_OTHER, AMERICA = 1, 2, 3, 4, 5, 6

# code of Statistics Norway, name, country group, weight in group, tilt to men, shift of work index, of schooling
_ROWS = [
    ("241", "Eritrea", AFRICA_HORN, 0.0, 0.30, 0.30, -0.3),
    ("346", "Somalia", AFRICA_HORN, 0.0, -0.10, -0.30, -0.9),
    ("356", "Sudan", AFRICA_HORN, 0.0, 0.70, 0.15, -0.1),
    ("246", "Etiopia", AFRICA_HORN, 0.0, -0.30, 0.38, 0.0),
    ("279", "Kongo", AFRICA_OTHER, 0.45, -0.10, -0.10, -0.4),
    ("216", "Burundi", AFRICA_OTHER, 0.08, -0.10, 0.00, -0.4),
    ("329", "Rwanda", AFRICA_OTHER, 0.05, -0.10, 0.05, 0.0),
    ("386", "Uganda", AFRICA_OTHER, 0.12, 0.00, 0.10, 0.1),
    ("283", "Liberia", AFRICA_OTHER, 0.20, 0.00, 0.00, -0.2),
    ("313", "Nigeria", AFRICA_OTHER, 0.10, -0.20, 0.05, 0.2),
    ("564", "Syria", SYRIA, 1.0, 0.35, -0.15, 0.1),
    ("404", "Afghanistan", ASIA_OTHER, 0.0, 0.40, 0.15, -0.6),
    ("452", "Irak", ASIA_OTHER, 0.20, 0.05, -0.38, -0.1),
    ("456", "Iran", ASIA_OTHER, 0.14, 0.15, 0.00, 0.7),
    ("420", "Myanmar", ASIA_OTHER, 0.22, 0.15, 0.03, -0.6),
    ("524", "Palestina", ASIA_OTHER, 0.16, 0.20, -0.25, 0.2),
    ("143", "Tyrkia", ASIA_OTHER, 0.06, 0.20, 0.05, 0.2),
    ("534", "Pakistan", ASIA_OTHER, 0.04, -0.10, -0.20, 0.1),
    ("568", "Thailand", ASIA_OTHER, 0.08, -1.60, 0.25, -0.1),
    ("424", "Sri Lanka", ASIA_OTHER, 0.04, -0.10, 0.15, 0.1),
    ("428", "Filippinene", ASIA_OTHER, 0.06, -1.60, 0.30, 0.5),
    ("140", "Russland", EUROPE_OTHER, 0.0, -0.40, -0.05, 0.6),
    ("148", "Ukraina", EUROPE_OTHER, 0.0, -0.40, 0.10, 1.2),
    ("159", "Serbia", EUROPE_OTHER, 0.55, 0.05, 0.10, 0.1),
    ("161", "Kosovo", EUROPE_OTHER, 0.45, 0.05, 0.10, 0.1),
    ("730", "Colombia", AMERICA, 0.6, -0.60, 0.15, 0.3),
    ("620", "Cuba", AMERICA, 0.4, -0.30, 0.20, 0.5),
]

COUNTRIES = pd.DataFrame(_ROWS, columns=["code", "name", "group", "weight", "male_tilt", "work_shift", "school_shift"])
SERIES = ("Eritrea", "Somalia", "Sudan", "Etiopia", "Syria", "Afghanistan", "Russland", "Ukraina")
REST = {"africa_other": AFRICA_OTHER, "asia_other": ASIA_OTHER, "europe_other": EUROPE_OTHER, "america": AMERICA}


def country_shares(series: pd.Series) -> np.ndarray:
    """Shares of the rows of ``COUNTRIES`` from shares of ``SERIES`` and of the remainder of each group in ``REST``."""
    shares = COUNTRIES["name"].map(series).fillna(0).to_numpy(float)
    for name, group in REST.items():
        inside = (COUNTRIES["group"] == group).to_numpy() & (COUNTRIES["weight"] > 0).to_numpy()
        weight = COUNTRIES["weight"].to_numpy() * inside
        shares = shares + weight / weight.sum() * float(series.get(name, 0))
    return shares / shares.sum()
