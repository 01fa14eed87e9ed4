"""Names of the files that the simulator writes, for the plan: a run that misses one of them simulates anew.

Apart from ``introprog.simulate``, since the plan is made by every call of Snakemake and loads no data frames.
"""

WAVES = ("ks_2015", "imdi_2020", "imdi_2021")
YEARLY = {
    "kostra_11b_{}.txt": range(2004, 2017),
    "atmlto_{}.csv": range(2004, 2015),
    "ameld_{}.csv": range(2015, 2024),
    "nav_{}.csv": range(2004, 2024),
}
SINGLE = (
    "bosted",
    "demografi",
    "inntekt",
    "kommune_endringer",
    "kommuner",
    "nir_deltakere",
    "nir_tiltak",
    "utdanning_kurs",
    "utdanning_niva",
)
TRUTH = ("truth/municipality.csv", "truth/settings.json")

FILES = sorted(
    [
        *(pattern.format(year) for pattern, years in YEARLY.items() for year in years),
        *(f"{name}.csv" for name in SINGLE),
        *(f"survey_{wave}{ending}" for wave in WAVES for ending in (".csv", ".sav", "_frame.csv")),
        *TRUTH,
    ]
)
