"""Results inside and outside NAV: pooled shares, what composition and labour market hide, and groups too small."""

import numpy as np
import pandas as pd
import pytest
from display_frames import ROOT, settings
from introprog.composition import net_of_composition
from introprog.displays.context import Context
from introprog.displays.making import make_numbers, module_of, read_inputs
from introprog.displays.registry import registry
from introprog.house_style import house_style
from introprog.organisation import MODELS, compare_organisation

CASEMIX = {
    "horizon": 1,
    "person": ["sex", "schooling"],
    "programme": ["programme_months"],
    "local": ["unemployment", "in_nav"],
}
COUNT = 60


def world(seed=1, mixed=0.0, jobless=0.0, gain=0.0, persons=12000, nav=0.5):
    """Municipalities in NAV have ``mixed`` more of the highly schooled and ``jobless`` points more unemployment."""
    rng = np.random.default_rng(seed)
    names = np.array([f"{6101 + i}" for i in range(COUNT)])
    inside = np.arange(COUNT) < round(nav * COUNT)
    place = np.sort(rng.choice(COUNT, persons, p=rng.dirichlet(np.full(COUNT, 3.0))))
    higher = rng.random(persons) < 0.4 + mixed * (inside[place] - 0.5)
    women = rng.random(persons) < 0.45
    rate = 3 + jobless * inside + rng.normal(0, 0.6, COUNT)
    p = 0.5 + 0.2 * higher - 0.08 * women - 0.05 * (rate[place] - 3) + gain * inside[place]
    p = p + rng.normal(0, 0.03, COUNT)[place]
    people = pd.DataFrame(
        {
            "person_id": [f"p{i:06d}" for i in range(persons)],
            "exit_year": rng.choice([2012, 2013], persons),
            "municipality": names[place],
            "sex": np.where(women, "women", "men"),
            "schooling": np.where(higher, "higher", "compulsory"),
            "programme_months": rng.integers(6, 37, persons).astype(float),
            "measures": "01",
            "included": True,
        }
    )
    outcomes = people[["person_id", "exit_year", "municipality"]].assign(
        horizon=1, definition="ssb_november", in_denominator=True,
        success=pd.array(rng.random(persons) < p, dtype="boolean"),
    )  # fmt: skip
    local = pd.DataFrame({"municipality": np.repeat(names, 2), "year": np.tile([2012, 2013], COUNT)})
    local["unemployment"], local["in_nav"] = np.repeat(rate, 2), np.repeat(inside, 2)
    return people, outcomes, local


def run(made, **changes):
    table = compare_organisation(*made, {**CASEMIX, **changes}, [2012, 2013], "ssb_november")
    return table.set_index(["model", "term"])


def test_raw_results_are_the_pooled_shares():
    people, outcomes, local = world(2)
    table = run((people, outcomes, local))
    nav = local.drop_duplicates("municipality").set_index("municipality")["in_nav"]
    inside = people["municipality"].map(nav).to_numpy(bool)
    success = outcomes["success"].astype(float)
    assert table.loc[("raw", "inside"), "estimate"] == pytest.approx(success[inside].mean())
    assert table.loc[("raw", "outside"), "estimate"] == pytest.approx(success[~inside].mean())
    gap = table.loc[("raw", "inside"), "estimate"] - table.loc[("raw", "outside"), "estimate"]
    assert table.loc[("raw", "difference"), "estimate"] == pytest.approx(gap)
    assert table.loc[("raw", "difference"), "n"] == len(people) == table["n"].dropna().max()
    assert table.loc[("raw", "difference"), "clusters"] == people["municipality"].nunique()


def test_what_composition_makes_is_taken_out_and_a_real_difference_stays():
    gaps = []
    for seed in range(6):
        table = run(world(seed, mixed=0.4, gain=0.05))
        gaps.append([table.loc[(m, "difference"), "estimate"] for m in MODELS])
    raw, person, programme, _ = np.mean(gaps, axis=0)
    assert raw == pytest.approx(0.13, abs=0.02)
    assert person == pytest.approx(0.05, abs=0.02) and programme == pytest.approx(person, abs=0.005)


def test_the_labour_market_is_evened_out_in_the_last_step_only():
    gaps = [[run(world(seed, jobless=1.5)).loc[(m, "difference"), "estimate"] for m in ("programme", "local")]
            for seed in range(6)]  # fmt: skip
    programme, local = np.mean(gaps, axis=0)
    assert programme == pytest.approx(-0.075, abs=0.02)
    assert local == pytest.approx(0, abs=0.02)


def test_intervals_cover_no_difference_as_often_as_they_say():
    limits = [run(world(100 + s, persons=3000)).loc[("person", "difference"), ["ci_low", "ci_high"]] for s in range(60)]
    covered = np.mean([low <= 0 <= high for low, high in limits])
    assert covered >= 0.85


def test_without_a_group_nothing_is_estimated_and_the_reason_stands():
    table = run(world(3, nav=0.0))
    assert table.loc[("raw", "difference"), "suppressed"] and table.loc[("raw", "difference"), "method"] == "suppressed"
    people, outcomes, local = world(3, nav=1 / COUNT)
    table = run((people, outcomes, local))
    reason = "not estimable: fewer than two municipalities in a group"
    assert table.loc[("local", "difference"), "method"] == reason
    assert table.loc["raw"].drop("persons_left_out")["estimate"].isna().all()


def test_unknown_organisation_is_counted_and_left_out():
    people, outcomes, local = world(4)
    local["in_nav"] = local["in_nav"].astype("boolean").mask(local["municipality"] == "6105")
    table = run((people, outcomes, local))
    out = (people["municipality"] == "6105").sum()
    assert table.loc[("raw", "persons_left_out"), "estimate"] == out > 0
    assert table.loc[("raw", "difference"), "n"] == len(people) - out


def test_net_of_composition_keeps_the_mean_and_takes_out_within_slopes():
    rng = np.random.default_rng(5)
    place = rng.integers(0, 20, 4000)
    x = rng.normal(place / 10, 1)
    y = 0.7 * x + rng.normal(0, 2, 20)[place] + rng.normal(0, 0.1, 4000)
    net = net_of_composition(y, x[:, None], place)
    assert net.mean() == pytest.approx(y.mean())
    inner = net - np.bincount(place, net)[place] / np.bincount(place)[place]
    assert abs(np.corrcoef(inner, x)[0, 1]) < 0.02
    assert net_of_composition(y, np.empty((4000, 0)), place) is not y


def display_inputs(table):
    towns = [f"{6101 + i}" for i in range(COUNT)]
    rng = np.random.default_rng(6)
    n = np.where(np.arange(COUNT) < 30, 150, 20)
    rates = pd.concat([pd.DataFrame({"municipality": towns, "tier": tier, "n": n, "successes": (n * 0.6).astype(int),
                                     "rate": rng.uniform(0.5, 0.75, COUNT)})
                       for tier in ("observed", "person", "programme", "local")])  # fmt: skip
    years = range(2010, 2020)
    places = pd.DataFrame([(m, y, i < 25) for i, m in enumerate(towns) for y in years],
                          columns=["municipality", "year", "in_nav"])  # fmt: skip
    shipped = read_inputs({"published": str(ROOT / "data/published/figures.csv")})
    return {"organisation": table.reset_index(), "adjusted_rates": rates, "municipalities": places, **shipped}


@pytest.mark.parametrize("language", ["nb", "en"])
@pytest.mark.parametrize("nav", [0.5, 1 / COUNT, 0.0])
def test_the_figure_draws_what_is_known_and_names_what_is_not(nav, language):
    entry = registry()["F-D3"]
    numbers = make_numbers(entry, display_inputs(run(world(7, nav=nav))), settings())
    assert set(numbers["kind"]) == {"estimate", "municipality", "municipalities", "published"}
    assert numbers.loc[numbers["kind"] == "municipality", "municipality"].nunique() == 30, "small ones are not drawn"
    counts = numbers[(numbers["kind"] == "municipalities") & (numbers["year"] == 2014)].set_index("term")["estimate"]
    assert counts.to_dict() == {"inside": 25, "outside": 35}
    told = numbers[numbers["kind"] == "published"]
    assert told["estimate"].tolist() == [188, 197] and told["data"].unique().tolist() == ["published"]
    with house_style():
        figure = module_of(entry).draw(numbers, Context.of("F-D3", entry, settings(), language))
    texts = [t.get_text() for t in figure.findobj() if hasattr(t, "get_text") and t.get_text()]
    assert not any("nan" in t.lower().split() or "not estimable: " in t for t in texts)
    if nav == 1 / COUNT:
        assert any(t.startswith(("not estimable (", "ikke beregnbar (")) for t in texts)
    if nav == 0:
        assert ":" in texts
