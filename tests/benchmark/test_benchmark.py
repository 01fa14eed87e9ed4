"""The benchmark's own arithmetic, and that all contestants answer alike on a small study with planted faults."""

import importlib
import subprocess
import sys
import time
from pathlib import Path

import answers
import measure
import numpy as np
import pandas as pd
import pytest
from make_extracts import make_extracts
from study import ROOT, reference_week
from summarise import OWN, RULES, STEPS, TOTAL, markdown, medians, requirements, with_total

HERE = Path(__file__).parent
# as scripts they find each other in their own folder
sys.path.append(str(HERE / "usual"))


LARGE = ("trace_months", measure.FROM_CSV)


def rows(scale: float, factor: float = 1.0, rounds: int = 3) -> pd.DataFrame:
    """Measurements in which each stage takes 2 s, other contestants 1 s, and round r all of it r times."""
    ours = [*measure.STAGES, measure.FROM_CSV, measure.FROM_PARQUET, measure.FROM_CLEAN]
    parts = [("pyarrow", "parse only"), *(("pipeline", part) for part in ours)]
    found = []
    for turn in range(1, rounds + 1):
        for name, part in parts:
            seconds = turn * factor * (2 if name == "pipeline" else 1)
            found.append((scale, name, part, turn, seconds, seconds / 2, 700.0 if part in LARGE else 100.0))
    return pd.DataFrame(found, columns=measure.COLUMNS)


def test_stages_are_added_and_the_largest_peak_counts():
    total = with_total(rows(1.0)).query("part == @TOTAL").set_index("round")
    assert total["wall_s"].tolist() == [10, 20, 30]
    assert total["peak_mb"].tolist() == [700, 700, 700]


def test_ratios_are_within_rounds_and_what_was_not_measured_says_so():
    found = requirements(with_total(rows(1.0))).set_index("claim")
    parse = found.loc["outcomes and months from raw CSV / only parsing the columns"]
    assert (parse["found"], parse["rounds"], parse["verdict"]) == (2, 3, "met")
    assert found.loc["outcomes and months from raw CSV: peak memory, MB", "verdict"] == "not met"
    other = found.loc["outcomes and months from raw CSV / data.table, official one"]
    assert (other["rounds"], other["verdict"]) == (0, "not measured")


def test_growth_is_judged_where_ten_times_the_nation_was_measured():
    both = with_total(pd.concat([rows(1.0), rows(10.0, 10.5)]))
    found = requirements(both).query("scale == 10").set_index("claim")
    assert found.loc["outcomes and months from raw CSV / the same at national size", "found"] == pytest.approx(10.5)
    assert found.loc["outcomes and months from raw CSV / the same at national size", "verdict"] == "met"
    assert found.loc["outcomes and months from raw CSV: peak memory, MB", "verdict"] == "met"


def test_the_page_has_a_row_for_each_requirement_and_part():
    table = with_total(rows(1.0))
    page = markdown(medians(table), requirements(table), {"cores": "2"})
    assert page.count("not measured") == 12
    assert f"| 1 | pipeline | {TOTAL} | 3 | 20.00 | 10.00 | 700 |" in page
    assert "- cores: 2" in page


def test_the_reference_week_holds_the_sixteenth():
    assert reference_week(2015) == ("2015-11-16", "2015-11-22")
    assert reference_week(2014) == ("2014-11-10", "2014-11-16")


def test_what_a_process_used_is_measured_and_a_failure_is_told():
    # From a small process, as measure.py is: the child of this one would count with what this one holds.
    work = "x = bytearray(200_000_000); sum(range(3_000_000))"
    code = f"import sys, measure; print(*measure.run([sys.executable, '-c', {work!r}]))"
    told = subprocess.run([sys.executable, "-c", code], cwd=HERE, capture_output=True, text=True, check=True)
    wall, cpu, peak = map(float, told.stdout.split())
    assert wall > 0 and cpu > 0 and 200 < peak < 400
    with pytest.raises(RuntimeError, match="no such number"):
        measure.run([sys.executable, "-c", "raise SystemExit('no such number')"])


def test_of_whole_runs_the_same_round_is_compared_and_steps_are_parts():
    parts = [("pipeline", "whole run", 30), ("usual way", "whole", 120), ("usual way", "outcomes", 60)]
    parts += [("pipeline", "nothing to do", 3), ("Snakemake", "--version", 2), ("Snakemake", OWN[1], 3)]
    parts += [("pipeline", words, 12) for words, *_ in measure.CHANGES]
    found = pd.DataFrame(
        [(1.0, n, p, r, s * r, s * r, 9.0) for n, p, s in parts for r in (1, 2)], columns=measure.COLUMNS
    )
    table = requirements(with_total(found)).set_index("claim")
    whole = table.loc["from raw CSV to every display and the report / the usual way"]
    assert (whole["found"], whole["rounds"], whole["verdict"]) == (0.25, 2, "not met")
    assert table.loc["nothing to do / snakemake --version", "found"] == 1.5
    assert table.loc["a model changed / whole run", ["found", "verdict"]].tolist() == [0.4, "met"]
    assert table.loc[OWN[3], ["found", "verdict"]].tolist() == [0.1, "met"]


def test_rules_run_as_they_are_are_parts_that_the_figure_leaves_out():
    own = importlib.import_module("own")
    assert set(own.RULES) == set(RULES) <= set(STEPS)
    assert all((ROOT / "workflow" / "scripts" / f"{rule}.py").is_file() for rule in RULES)
    from usual.run import STEPS as steps

    assert set(steps) <= set(STEPS) and all(set(needs) <= set(steps) for needs in steps.values())


def test_what_is_changed_is_there_once():
    for _, path, before, _ in measure.CHANGES:
        assert (ROOT / path).read_text(encoding="utf-8").count(before) == 1


def test_steps_of_the_usual_way_run_when_what_they_need_is_done(tmp_path, monkeypatch):
    import usual.run as usual

    done, at_once = [], []
    steps = {"c": (["c"], ["a", "b"]), "a": (["a"], []), "b": (["b"], ["a"]), "d": (["d"], []), "e": (["e"], ["c"])}
    monkeypatch.setattr(usual, "steps_of", lambda folder: dict(steps))

    def step(command):
        at_once.append(command[0])
        assert len(at_once) <= usual.AT_ONCE and set(steps[command[0]][1]) <= set(done)
        time.sleep(0.02)
        done.append(at_once.pop(at_once.index(command[0])))
        return 1.0, 1.0, 1.0

    monkeypatch.setattr(usual, "run", step)
    assert set(usual.run_all(tmp_path)) == set("abcde") and sorted(done) == list("abcde")
    with pytest.raises(SystemExit, match="no such step"):
        importlib.reload(usual).run([sys.executable, "-c", "raise SystemExit('no such step')"])


@pytest.mark.heavy
def test_the_usual_way_follows_leavers_to_the_same_rows(tmp_path):
    make_extracts(0.01, tmp_path)
    measure.prepare(tmp_path)
    (tmp_path / "usual").mkdir()
    for step in ("read_registers", "outcomes", "months"):
        measure.run(measure.python(f"usual/{step}.py", tmp_path))
    assert answers.outcomes_differing(tmp_path) == answers.months_differing(tmp_path) == 0
    wrong = pd.read_parquet(tmp_path / "usual" / "outcomes.parquet")
    wrong.loc[7, "success"] = not wrong.loc[7, "success"]
    wrong.to_parquet(tmp_path / "usual" / "outcomes.parquet")
    assert len(wrong) > 10_000 and answers.outcomes_differing(tmp_path) == 1


@pytest.fixture
def people() -> pd.DataFrame:
    """Answers in 14 municipalities of unlike size, with weights, as the steps of the usual way hold them."""
    rng = np.random.default_rng(7)
    town = np.repeat(np.arange(14), rng.integers(8, 40, 14))
    result = rng.uniform(4, 8, 14)[town]
    score = 5 * result + 8 * rng.normal(size=14)[town] + 20 * rng.normal(size=len(town))
    table = pd.DataFrame({"result": result, "score": score, "municipality": pd.Categorical(town.astype(str))})
    table["level"] = pd.qcut(score, 4, labels=False) + 1
    table["sex"], table["age_group"] = rng.choice(["men", "women"], len(town)), rng.choice(["a", "b", "c"], len(town))
    return table.assign(weight=rng.uniform(0.5, 2, len(town)), country_group="one")


def design(people: pd.DataFrame, first: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """The columns that the pipeline would have, and the municipality as a number."""
    terms = pd.get_dummies(people[["sex", "age_group"]], drop_first=True, dtype=float).to_numpy()
    return np.column_stack([*first, people["result"], terms]), people["municipality"].cat.codes.to_numpy()


def test_refitted_jackknife_and_bootstrap_are_those_from_sums(people, monkeypatch):
    few = importlib.import_module("few_municipalities")
    monkeypatch.setattr(few, "DRAWS", 199)
    from introprog import clustered

    formula = "score ~ result + sex + age_group"
    fit = few.fitted(formula, people, True)
    columns, town = design(people, [np.ones(len(people))])
    order = np.argsort(town, kind="stable")
    ours = clustered.fit_clustered(
        people["score"].to_numpy()[order], columns[order], town[order], people["weight"].to_numpy()[order]
    )
    wild = clustered.wild_bootstrap(ours, 1, few.SEED, 199)
    error = few.jackknife(formula, people, True, fit.params["result"])
    assert error == pytest.approx(clustered.crv3(ours).std_error[1], rel=1e-8)
    assert 0.005 < wild.p_value < 1 and few.bootstrap(fit, people) == pytest.approx(wild.p_value, abs=1e-12)


def test_weighted_ordered_logits_and_their_jackknife_agree(people):
    usual = importlib.import_module("ordered_jackknife")
    from introprog.ordinal import fit_ordered_logit

    columns, town = design(people, [])
    level, weight = people["level"].to_numpy(int), people["weight"].to_numpy()
    ours = fit_ordered_logit(level, columns, list("abcd"), weight, town)
    theirs = usual.fit(people)
    assert theirs.params["result"] == pytest.approx(ours.params["a"], abs=1e-3)
    assert theirs.bse["result"] == pytest.approx(ours.bse["a"], rel=1e-2)
    unweighted = fit_ordered_logit(level, columns, list("abcd"), None, town).params["a"]
    assert abs(unweighted - ours.params["a"]) > 5e-3
    step = np.sqrt(ours.model.cluster_jackknife(ours.params, town)[0])
    assert usual.left_out(people)[1] == pytest.approx(step, rel=0.2)


@pytest.mark.heavy
def test_the_usual_way_weights_answers_and_specifies_and_resamples_alike(tmp_path):
    make_extracts(0.02, tmp_path)
    measure.prepare(tmp_path)
    models = "results/models"
    wanted = [f"{models}/{name}.csv" for name in ("association_specifications", "rank_correlation", "measurement")]
    measure.run([*measure.whole_run(tmp_path, 0.02), "--", *wanted, "results/panel/municipality_panel.parquet"])
    (tmp_path / "usual").mkdir()
    (tmp_path / "usual" / "minimum_leavers.txt").write_text("5", encoding="utf-8")
    for step in ("read_registers", "outcomes", "panel", "survey", "standardise", "specifications", "municipal_noise"):
        measure.run(measure.python(f"usual/{step}.py", tmp_path))
    measure.run(measure.python("usual/list_jobs.py", tmp_path))
    measure.run(measure.python("usual/own.py", tmp_path, "release_panel"))
    assert answers.survey_differing(tmp_path) == {"scales": 0, "measurement": 0}
    assert answers.noise_differing(tmp_path) == {"rank correlations": 0, "their errors": 0}
    assert answers.specifications_differing(tmp_path) == 0
    panel = "results/panel/municipality_panel.parquet"
    assert answers.files_differing(tmp_path, [panel]) == 0
    (tmp_path / "usual" / panel).write_bytes(b"")
    wrong = pd.read_csv(tmp_path / "usual" / "specifications.csv")
    wrong.loc[3, "estimate"] += 0.01
    wrong.to_csv(tmp_path / "usual" / "specifications.csv", index=False)
    assert len(wrong) > 3000 and answers.specifications_differing(tmp_path) == 1
    assert answers.files_differing(tmp_path, [panel]) == 1


@pytest.mark.heavy
def test_the_check_of_three_million_rows_takes_twelve_seconds(tmp_path):
    """A minute for 15 million is asked for; in CPU seconds, so that other work on the machine does not count."""
    make_extracts(0.2, tmp_path)
    raw = [p for p in (tmp_path / "raw").iterdir() if p.suffix in (".csv", ".txt")]
    assert sum(path.read_bytes().count(b"\n") for path in raw) > 3_000_000
    _, cpu, _ = measure.run(measure.check(tmp_path))
    report = (tmp_path / "run/logs/check.txt").read_text(encoding="utf-8")
    assert "Nothing would stop a run." in report and "RULES AND HOW MANY ROWS THEY TOUCH" in report
    assert cpu < 12


@pytest.mark.heavy
def test_all_contestants_answer_alike(tmp_path):
    make_extracts(0.01, tmp_path)
    measure.prepare(tmp_path)
    for name, _, command in measure.contestants(tmp_path):
        if name not in ("pipeline", "pyarrow"):
            measure.run(command)
    assert answers.differing(tmp_path) == dict.fromkeys(
        [n for n in answers.FILES if n != "data.table" or measure.has_data_table()], 0
    )
    assert len(answers.read_answer(tmp_path / "answers" / "pipeline.parquet")) > 1000
    followed = {"outcomes": 0, "months": 0} if measure.has_data_table() else {}
    assert answers.followed_differing(tmp_path) == followed
    # a wrong status is found
    wrong = pd.read_parquet(tmp_path / "answers" / "polars.parquet")
    wrong.loc[0, "status"] = "99"
    wrong.to_parquet(tmp_path / "answers" / "polars.parquet", index=False)
    assert answers.differing(tmp_path)["polars"] == 1
    with pytest.raises(RuntimeError, match="answers differ"):
        measure.compare(tmp_path)


def test_what_ships_is_found_from_any_folder(monkeypatch):
    """The benchmark is called in the project's folder, where the plan names it by a path from there."""
    monkeypatch.syspath_prepend(HERE / "usual")
    from list_displays import absolute

    monkeypatch.chdir(HERE.parents[1])
    codes = "data/codelists/countries.csv"
    assert Path(absolute(codes)).is_file() and absolute(codes).endswith(codes) and Path(absolute(codes)).is_absolute()
    assert absolute("results/models/signal.csv") == "results/models/signal.csv"
