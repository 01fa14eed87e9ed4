"""Own figures beside the published ones: difference, source, and whether noise alone could make it.

Shares are 0-1, counts are persons. Own registers are compared by share only, since a sample or a scaled simulation has
other counts; the Wilson interval of the own share says how far chance reaches. StatBank files are compared by count
too.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from introprog.horizons import reference_day, to_dates
from introprog.intervals import wilson
from introprog.participants import participants
from introprog.published import national, year_span

COLUMNS = [
    "id", "quantity_nb", "quantity_en", "sex", "exit_year", "horizon", "unit", "own_value", "own_n", "own_ci_low",
    "own_ci_high", "published_value", "published_n", "difference", "within_tolerance", "within_noise", "source_key",
    "source", "note",
]  # fmt: skip
TOLERANCE = 0.02
EXIT = "direct_exit"
STATUS_OF = {
    "employed_or_education_total": ("1",), "unemployed_or_measure_total": ("2",), "other_or_unknown_total": ("3",),
    "employed_total": ("11", "15"), "employed_only": ("11",), "employed_and_education": ("15",),
    "education_only": ("05",), "registered_unemployed": ("21",), "jobseeker_on_measure": ("22",), "total": ("00",),
    "work_or_education": ("1",), "work": ("11",), "education": ("05",),
}  # fmt: skip
NAMES = {
    "employed_or_education_total": ("I arbeid eller utdanning", "In work or education"),
    "unemployed_or_measure_total": ("Arbeidsledig eller på tiltak", "Unemployed or on measures"),
    "other_or_unknown_total": ("Annen eller ukjent status", "Other or unknown status"),
    "employed_total": ("I arbeid, i alt", "Employed, total"),
    "employed_only": ("Bare i arbeid", "Employed only"),
    "employed_and_education": ("I arbeid og utdanning", "Employed and in education"),
    "education_only": ("Bare i utdanning", "In education only"),
    "registered_unemployed": ("Registrert helt arbeidsledig", "Registered fully unemployed"),
    "jobseeker_on_measure": ("Arbeidssøkende på tiltak", "Job seekers on measures"),
    "total": ("Tidligere deltakere", "Former participants"),
    "work_or_education": ("Direkte til arbeid eller utdanning", "Directly to work or education"),
    "work": ("Direkte til arbeid", "Directly to work"),
    "education": ("Direkte til utdanning", "Directly to education"),
}
HORN = ("Eritrea", "Ethiopia", "Somalia", "Sudan")
COMPLETE_GROUPS = {
    "africa_horn": (HORN, "Eritrea, Etiopia, Somalia, Sudan", ", ".join(HORN)),
    "syria": (("Syria",), "Syria", "Syria"),
}
AGES = {"18-25": (0, 25), "26-35": (26, 35), "36-45": (36, 45), "46-55": (46, 55), "56+": (56, 200)}


def reconcile(
    region_status: pd.DataFrame,
    published: pd.DataFrame,
    leavers: pd.DataFrame | None = None,
    persons: pd.DataFrame | None = None,
    programmes: pd.DataFrame | None = None,
    residence: pd.DataFrame | None = None,
    definitions: Mapping[str, str] | None = None,
    study: Mapping | None = None,
    tolerance: float = TOLERANCE,
    threshold: int = 5,
) -> pd.DataFrame:
    """One row a published figure that the own data can be held against (columns: ``COLUMNS``), sorted by id.

    ``definitions`` names the official definition (``november``) and the exit measure (``exit``). Without leavers
    (StatBank) only ``region_status`` is compared, by share and by count. A figure is ``within_noise`` when the
    published value, give or take its rounding, lies in the Wilson interval of the own share. Own shares that rest on
    fewer than ``threshold`` persons, with or without the trait, are left empty.
    """
    names = {"november": "ssb_november", "exit": EXIT} | dict(definitions or {})
    study = study or {}
    parts = [status_figures(region_status, published, names, counts=leavers is None)]
    if programmes is not None and persons is not None:
        parts.append(participant_figures(programmes, persons, published, study.get("last_observed_year", 9999)))
    if leavers is not None:
        parts.append(leaver_figures(leavers, published))
    if leavers is not None and residence is not None:
        parts.append(resident_figures(leavers, residence, published, study.get("reference_day", 16)))
    rows = pd.concat([p for p in parts if len(p)], ignore_index=True) if any(len(p) for p in parts) else pd.DataFrame()
    rows = rows.reindex(columns=[*COLUMNS, "own_count", "rounding"])
    return withhold(judge(rows, tolerance, study.get("confidence", 0.95)), threshold)[COLUMNS]


def judge(rows: pd.DataFrame, tolerance: float, confidence: float) -> pd.DataFrame:
    """Intervals, differences and verdicts of rows with own_count, own_n, own_value, published_value and rounding."""
    share = (rows["unit"] == "share").to_numpy()
    low, high = wilson(rows["own_count"].to_numpy(float), rows["own_n"].to_numpy(float), confidence)
    own, told = rows["own_value"].to_numpy(float), rows["published_value"].to_numpy(float)
    slack = rows["rounding"].to_numpy(float) + 1e-12
    rows = rows.assign(
        published_n=pd.to_numeric(rows["published_n"], errors="coerce").astype("float64"),
        own_ci_low=np.where(share, low, np.nan),
        own_ci_high=np.where(share, high, np.nan),
        difference=own - told,
        within_tolerance=np.abs(own - told) <= np.where(share, tolerance, 0) + slack,
        within_noise=np.where(share, (told >= low - slack) & (told <= high + slack), np.abs(own - told) <= slack),
    )
    return rows.sort_values("id", ignore_index=True)


def withhold(rows: pd.DataFrame, threshold: int) -> pd.DataFrame:
    """Empty the own numbers of shares that rest on a small count (1 to ``threshold`` - 1) or a small remainder."""
    small = [count.between(1, threshold - 1) for count in (rows["own_count"], rows["own_n"] - rows["own_count"])]
    hidden = (small[0] | small[1]) & (rows["unit"] == "share")
    numbers = ["own_value", "own_ci_low", "own_ci_high", "difference"]
    rows[numbers] = rows[numbers].where(~hidden)
    verdicts = ["within_tolerance", "within_noise"]
    rows[verdicts] = rows[verdicts].astype("boolean").where(~hidden)
    return rows.assign(horizon=rows["horizon"].astype("Int16"))


def status_figures(
    region_status: pd.DataFrame, published: pd.DataFrame, names: Mapping[str, str], counts: bool
) -> pd.DataFrame:
    """National November status by cohort, horizon and sex, and direct exit by cohort and sex."""
    figures = national(published, "status_1y_national", "status_by_horizon_national", "direct_exit")
    figures = figures[figures["category"].isin(STATUS_OF) & figures["unit"].isin(["percent", "persons"])]
    figures = figures[figures["horizon_years"].str.fullmatch(r"\d+") & figures["sex"].isin(["both", "men", "women"])]
    figures = exact_shares(figures)
    figures = figures if counts else figures[figures["unit"] == "share"]
    own = region_status[region_status["region_level"] == "country"]
    own = own[own["definition"].isin(names.values()) & (own["geography"] == "programme")]
    table = own.astype({"sex": str, "status": str, "definition": str}).set_index(
        ["definition", "horizon", "sex", "status", "exit_year"]
    )["n"]
    cells = table.to_dict()
    found = [_status_row(figure, cells, names) for figure in figures.to_dict("records")]
    return pd.DataFrame([row for row in found if row is not None])


def exact_shares(figures: pd.DataFrame) -> pd.DataFrame:
    """Published shares 0-1 and counts: shares from the published counts where count and total are printed, else as
    printed.

    Printed percentages keep the rounding of their last digit. Of the same number in several publications one is kept:
    the exact one, else the first by id of Statistics Norway or IMDi, else the first.
    """
    cell = ["table_group", "exit_year", "horizon_years", "sex"]
    counted = figures[figures["unit"] == "persons"].drop_duplicates([*cell, "category"])
    total = counted[counted["category"] == "total"].set_index(cell)["value"]
    count = counted.set_index([*cell, "category"])["value"]
    keys, whole = (pd.MultiIndex.from_frame(figures[names]) for names in ([*cell, "category"], cell))
    exact = count.reindex(keys).to_numpy() / total.reindex(whole).to_numpy()
    percent = (figures["unit"] == "percent").to_numpy()
    digits = figures["value"].map(lambda v: len(f"{v:g}".partition(".")[2]))
    printed = figures.assign(
        published_value=figures["value"] / np.where(percent, 100, 1),
        rounding=np.where(percent, 0.005 / 10.0**digits, 0.0),
        unit=np.where(percent, "share", "persons"),
        n=figures["n"].astype("Float64"),
        quoted=~figures["source_key"].str.startswith(("ssb", "imdi")),
    )
    shares = printed[(figures["category"] != "total").to_numpy() & ~np.isnan(exact)]
    base = total.reindex(pd.MultiIndex.from_frame(shares[cell])).to_numpy()
    kept = exact[(figures["category"] != "total").to_numpy() & ~np.isnan(exact)]
    shares = shares.assign(published_value=kept, rounding=0.0, n=base, unit="share")
    figures = pd.concat([printed, shares]).assign(same=lambda d: d["published_value"].round(2))
    ordered = figures.sort_values(["rounding", "quoted", "id"], kind="stable")
    return ordered.drop_duplicates(["exit_year", "horizon_years", "sex", "category", "unit", "same"])


def _status_row(figure: Mapping, table: Mapping, names: Mapping[str, str]) -> dict | None:
    span, horizon, sex = year_span(figure["exit_year"]), int(figure["horizon_years"]), figure["sex"]
    if span is None:
        return None
    name = names["november"] if horizon else names["exit"]
    years = range(span[0], span[1] + 1)

    def added(statuses: Sequence[str]) -> float:
        cells = [table.get((name, horizon, sex, s, y)) for s in statuses for y in years]
        return float("nan") if any(c is None or pd.isna(c) for c in cells) else float(sum(cells))

    count, n = added(STATUS_OF[figure["category"]]), added(("00",))
    if np.isnan(count) or not n > 0:
        return None
    nb, en = NAMES[figure["category"]]
    at_nb, at_en = (
        (f", {horizon} år etter", f", {horizon} years after".replace("1 years", "1 year")) if horizon else ("", "")
    )
    return _row(figure, f"{nb}{at_nb}", f"{en}{at_en}", count, n) | {"horizon": horizon}


def _row(figure: Mapping, nb: str, en: str, count: float, n: float) -> dict:
    """A row of the reconciliation from a published figure (or its like) and an own count of n."""
    return {
        **{k: figure.get(k, "") for k in ("id", "sex", "exit_year", "source_key", "source", "note", "unit")},
        "quantity_nb": nb,
        "quantity_en": en,
        "own_count": count,
        "own_n": n,
        "own_value": count / n if figure["unit"] == "share" else count,
        "published_value": figure["published_value"],
        "published_n": figure.get("n"),
        "rounding": figure.get("rounding", 0.0),
    }


def participant_figures(
    programmes: pd.DataFrame, persons: pd.DataFrame, published: pd.DataFrame, last_year: int
) -> pd.DataFrame:
    """Shares of the participants of a year, to ``last_year``, by sex, age and wholly printed country groups."""
    tables = published[published["table_group"].isin(["participants_by_age_sex", "participants_by_country"])]
    tables = tables[(tables["unit"] == "persons") & (tables["category"] == "participants")]
    rows = []
    for year, table in tables[tables["municipality_code"] == ""].groupby("measured_at"):
        own = participants(programmes, persons, [int(year)])
        shapes = table.set_index(["sex", "age", "country_background"])
        whole = shapes["value"].get(("both", "all", "all"))
        if own.empty or whole is None or int(year) > last_year:
            continue
        n = float(np.ravel(whole)[0])
        for key, (nb, en), trait, figure, value in _participant_parts(own, table):
            told = figure | {"id": f"participants-{year}-{key}", "exit_year": "", "unit": "share"}
            told |= {"published_value": value / n, "n": n, "rounding": 0.0}
            rows.append(_row(told, f"Deltakere {year}: {nb}", f"Participants {year}: {en}", int(trait.sum()), len(own)))
    return pd.DataFrame(rows)


def _participant_parts(own: pd.DataFrame, table: pd.DataFrame) -> Iterator[tuple]:
    """Key, names, own persons with the trait, published figure and its count, for each comparable part of a year."""
    everywhere, any_age = table["country_background"] == "all", table["age"] == "all"
    for figure in table[everywhere & any_age & (table["sex"] == "women")].head(1).to_dict("records"):
        yield "women", ("kvinner", "women"), own["sex"] == "women", figure, figure["value"]
    both = table["sex"] == "both"
    for figure in table[everywhere & both & table["age"].isin(AGES)].to_dict("records"):
        age = figure["age"]
        yield age, (f"{age} år", f"aged {age}"), own["age"].between(*AGES[age]), figure, figure["value"]
    for group, (countries, *names) in COMPLETE_GROUPS.items():
        listed = table[table["country_background"].isin(countries) & both & any_age]
        if listed["country_background"].nunique() == len(countries):
            figure = listed.drop_duplicates("country_background")
            first = figure.iloc[0].to_dict()
            yield group, names, own["country_group"] == group, first, figure["value"].sum()


def leaver_figures(leavers: pd.DataFrame, published: pd.DataFrame) -> pd.DataFrame:
    """Women among leavers, and programmes that the register closed by itself (of the leavers counted that year)."""
    cohort = leavers[leavers["included"].astype(bool)]
    rows = []
    for figure in national(published, "leavers_composition").to_dict("records"):
        own = cohort[cohort["exit_year"] == int(figure["exit_year"])] if figure["exit_year"].isdigit() else cohort[:0]
        if figure["category"] == "women among leavers" and len(own):
            told = figure | {"unit": "share", "published_value": figure["value"] / 100, "rounding": 0.005}
            rows.append(
                _row(
                    told,
                    "Kvinner blant dem som sluttet",
                    "Women among leavers",
                    (own["sex"] == "women").sum(),
                    len(own),
                )
            )
    composition = published[published["table_group"] == "leavers_composition"]
    for figure in national(published, "data_quality").to_dict("records"):
        own = cohort[cohort["exit_year"] == int(figure["exit_year"])]
        base = composition[(composition["measured_at"] == figure["exit_year"]) & (composition["unit"] == "persons")]
        if len(own) and len(base):
            n = base["value"].iloc[0]
            told = figure | {"unit": "share", "published_value": figure["value"] / n, "n": n, "rounding": 0.005}
            closed = (own["end_cause"] == "auto_closed").sum()
            rows.append(_row(told, "Lukket av registeret", "Closed by the register", closed, len(own)))
    return pd.DataFrame(rows)


def resident_figures(leavers: pd.DataFrame, residence: pd.DataFrame, published: pd.DataFrame, day: int) -> pd.DataFrame:
    """Share of the leavers of a span of years still resident in Norway on the reference day of a later year."""
    rows = []
    for figure in national(published, "leavers_composition").to_dict("records"):
        span = year_span(figure["exit_year"])
        if figure["category"] != "still resident" or span is None:
            continue
        cohort = leavers[leavers["included"].astype(bool) & leavers["exit_year"].between(*span)]
        at = pd.Timestamp(to_dates(reference_day(np.array([int(figure["measured_at"])]), day))[0])
        covers = (residence["first_date"] <= at) & (residence["last_date"].isna() | (residence["last_date"] >= at))
        stays = cohort["person_id"].isin(residence.loc[covers, "person_id"]).sum()
        told = figure | {"unit": "share", "published_value": figure["value"] / 100, "rounding": 0.005}
        if len(cohort):
            year = figure["measured_at"]
            rows.append(_row(told, f"Fortsatt bosatt i {year}", f"Still resident in {year}", stays, len(cohort)))
    return pd.DataFrame(rows)
