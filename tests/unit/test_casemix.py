"""Case mix: recovery of what was simulated, tiers, and what happens when little is known."""

import numpy as np
import pandas as pd
import pytest
from introprog.casemix import COLUMNS, adjust_case_mix
from introprog.errors import InputError

CHOICES = {
    "horizon": 1,
    "person": ["sex", "schooling"],
    "programme": ["programme_months", "measure_work"],
    "local": ["unemployment", "in_nav"],
}
COUNT = 40


def _world(seed, quality_sd=0.3, schooling_with_quality=0.0, unemployment=-0.3, leavers=8000):
    """Persons with a known model of success; ``schooling_with_quality`` ties composition to municipal quality."""
    rng = np.random.default_rng(seed)
    names = np.array([f"{301 + m:04d}" for m in range(COUNT)])
    place = np.sort(rng.choice(COUNT, leavers))
    quality, share = quality_sd * rng.standard_normal(COUNT), rng.normal(0, 1.2, COUNT)
    higher = rng.random(leavers) < 1 / (1 + np.exp(1 - (share + schooling_with_quality * quality)[place]))
    women, months = rng.random(leavers) < 0.45, rng.integers(6, 37, leavers)
    work, jobless = rng.random(leavers) < 0.3, rng.normal(3, 1, COUNT)
    line = 0.5 + quality[place] + 0.9 * higher - 0.6 * women + 0.4 * work + unemployment * (jobless[place] - 3)
    people = pd.DataFrame(
        {
            "person_id": [f"p{i:06d}" for i in range(leavers)],
            "exit_year": rng.choice([2012, 2013], leavers),
            "municipality": names[place],
            "county": names[place % 5],
            "sex": np.where(women, "women", "men"),
            "schooling": np.where(higher, "higher", "compulsory"),
            "programme_months": months.astype(float),
            "measures": np.where(work, "01+04", "01"),
            "included": True,
        }
    )
    outcomes = people[["person_id", "exit_year", "municipality"]].assign(
        horizon=1, definition="ssb_november", in_denominator=True,
        success=pd.array(rng.random(leavers) < 1 / (1 + np.exp(-line)), dtype="boolean"),
    )  # fmt: skip
    local = pd.DataFrame({"municipality": np.repeat(names, 2), "year": np.tile([2012, 2013], COUNT)})
    local["unemployment"], local["in_nav"] = np.repeat(jobless, 2), np.repeat(rng.random(COUNT) < 0.5, 2)
    return people, outcomes, local, quality


def _run(world, **changes):
    return adjust_case_mix(*world[:3], {**CHOICES, **changes}, [2012, 2013], "ssb_november", 30)


@pytest.fixture(scope="module")
def result():
    world = _world(1)
    return world, *_run(world)


def test_coefficients_are_recovered_in_every_tier(result):
    _, models, _ = result
    rows = models.set_index(["model", "term"])
    for tier in ("person", "programme", "local", "person_within", "programme_within"):
        assert rows.loc[(tier, "schooling=higher"), "estimate"] == pytest.approx(0.9, abs=0.2)
        assert rows.loc[(tier, "sex=women"), "estimate"] == pytest.approx(-0.6, abs=0.15)
    assert rows.loc[("programme", "measure_work"), "estimate"] == pytest.approx(0.4, abs=0.15)
    assert rows.loc[("local", "unemployment"), "estimate"] == pytest.approx(-0.3, abs=0.12)
    assert ("local_within", "unemployment") not in rows.index
    assert rows.loc[("person", "sex=men"), "method"] == "reference"
    estimated = models[models["std_error"].notna()]
    np.testing.assert_allclose(estimated["odds_ratio"], np.exp(estimated["estimate"]))


def test_the_tiers_nest_and_rest_on_the_same_persons(result):
    _, models, _ = result
    terms = {m: set(models.loc[models["model"] == m, "term"]) for m in ("person", "programme", "local")}
    assert terms["person"] < terms["programme"] < terms["local"]
    assert len(set(models.loc[models["model"].isin(terms), "n"].dropna())) == 1
    assert list(models.columns) == COLUMNS


def test_municipality_variance_falls_when_what_differs_is_accounted_for(result):
    _, models, _ = result
    variance = models[models["term"] == "municipality_variance"].set_index("model")
    assert variance.loc["local", "estimate"] == pytest.approx(0.09, abs=0.05)
    assert variance.loc["none", "estimate"] > variance.loc["person", "estimate"] > variance.loc["local", "estimate"]
    whole = models[models["term"] == "municipality_share"].set_index("model")["estimate"]
    assert whole["none"] > whole["person"] > whole["local"]
    share = models[models["term"] == "icc"].set_index("model")["estimate"]
    np.testing.assert_allclose(share, variance["estimate"] / (variance["estimate"] + np.pi**2 / 3))


def test_expected_and_observed_agree_in_all_and_rates_stay_shares(result):
    _, _, rates = result
    totals = rates.groupby("tier")[["successes", "expected"]].sum()
    np.testing.assert_allclose(totals["expected"], totals["successes"])
    assert rates[["rate", "ci_low", "ci_high"]].isin([np.nan]).sum().sum() == 0
    assert rates["ci_low"].min() >= 0 and rates["ci_high"].max() <= 1
    assert (rates["ci_low"] <= rates["rate"]).all() and (rates["rate"] <= rates["ci_high"]).all()


def test_adjusted_rates_follow_quality_better_than_observed_ones():
    correlations = []
    for seed in range(3):
        world = _world(seed, quality_sd=0.25, unemployment=-0.15, leavers=3500)
        _, rates = _run(world)
        wide = rates.pivot_table(index="municipality", columns="tier", values="rate")
        correlations.append(wide.apply(lambda column, q=world[3]: np.corrcoef(column, q)[0, 1]))
    mean = pd.concat(correlations, axis=1).mean(axis=1)
    assert mean["observed"] + 0.02 < mean["person"] < mean["local"]


def test_composition_that_goes_with_quality_is_not_adjusted_away():
    """The better municipalities have the schooled: the pooled coefficient is too large, the within one is not."""
    models, rates = _run(_world(5, quality_sd=0.6, schooling_with_quality=3.0, unemployment=0.0))
    rows = models.set_index(["model", "term"])["estimate"]
    assert rows["person", "schooling=higher"] > 1.15
    assert rows["person_within", "schooling=higher"] == pytest.approx(0.9, abs=0.2)
    quality = _world(5, quality_sd=0.6, schooling_with_quality=3.0, unemployment=0.0)[3]
    adjusted = rates[rates["tier"] == "person"]["rate"].to_numpy()
    true = 1 / (1 + np.exp(-(0.5 + quality)))
    assert np.polyfit(true, adjusted, 1)[0] > 0.75


def test_unknown_local_conditions_are_counted_and_the_observed_tier_keeps_everybody():
    people, outcomes, local, _ = _world(2, leavers=3000)
    local.loc[local["municipality"] == "0305", "unemployment"] = np.nan
    models, rates = adjust_case_mix(people, outcomes, local, CHOICES, [2012, 2013], "ssb_november", 30)
    lost = (people["municipality"] == "0305").sum()
    assert models.set_index("term").loc["persons_left_out", "estimate"] == lost
    tiers = rates.groupby("tier")["n"].sum()
    assert tiers["observed"] == 3000 and tiers["person"] == 3000 - lost
    assert "0305" not in set(rates.loc[rates["tier"] == "local", "municipality"])


def test_the_order_of_rows_changes_nothing():
    people, outcomes, local, _ = _world(3, leavers=1000)
    first = adjust_case_mix(people, outcomes, local, CHOICES, [2012, 2013], "ssb_november", 30)
    mixed = (frame.sample(frac=1, random_state=1) for frame in (people, outcomes, local))
    second = adjust_case_mix(*mixed, CHOICES, [2012, 2013], "ssb_november", 30)
    for a, b in zip(first, second):
        pd.testing.assert_frame_equal(a, b)


def test_nobody_observed_ends_in_a_message():
    world = _world(4, leavers=200)
    with pytest.raises(InputError, match="nobody who left in 2012-2013 is observed at horizon 4"):
        _run(world, horizon=4)


def test_a_tier_without_covariates_and_a_tiny_sample_still_answer():
    models, _ = _run(_world(6, leavers=400), programme=[], local=[])
    assert {"person", "programme", "local"} <= set(models["model"])
    people, outcomes, local, _ = _world(7, leavers=200)
    people = people[people["municipality"] == people["municipality"].iloc[0]]
    models, rates = adjust_case_mix(people, outcomes, local, CHOICES, [2012, 2013], "ssb_november", 30)
    assert models["method"].str.startswith("not estimable").all()
    assert rates["tier"].unique().tolist() == ["observed"]


def test_covariates_that_foretell_the_outcome_are_told_not_estimated():
    people, outcomes, local, _ = _world(8, leavers=400)
    success = outcomes.set_index("person_id")["success"].loc[people["person_id"]].to_numpy(dtype=bool)
    people["programme_months"] = np.where(success, 30.0, 10.0) + people["programme_months"] / 10
    models, _ = adjust_case_mix(people, outcomes, local, CHOICES, [2012, 2013], "ssb_november", 30)
    rows = models[models["model"].isin(["programme", "programme_within"]) & (models["term"] == "programme_months")]
    assert rows["estimate"].isna().all()
    assert rows["method"].str.startswith("not estimable: the covariates foretell").all()
    assert models.set_index(["model", "term"]).loc[("person", "sex=women"), "estimate"] < 0
