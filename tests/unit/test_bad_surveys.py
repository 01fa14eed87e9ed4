"""Survey waves with something wrong, through the scripts and into every display of the survey: a reason in place of a
number, a message in place of a traceback, and nobody left out without a word."""

import re
import runpy
from importlib import import_module
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import survey_frames as made
import yaml
from display_frames import CONFIG, ROOT
from introprog.displays.context import Context
from introprog.displays.making import make_numbers, read_inputs
from introprog.house_style import house_style
from introprog.standardisation import KEY
from introprog.tabular import read_csv, read_table, write_table
from matplotlib.text import Text

SCRIPTS = ROOT / "workflow" / "scripts"
BOOKS = [str(ROOT / "data" / "codebook" / f"survey_{name}.yaml") for name in ("ks", "imdi")]
REGISTRY = yaml.safe_load((ROOT / "workflow" / "displays.yaml").read_text(encoding="utf-8"))["displays"]
NEEDS = {
    "survey_responses", "survey_frame", "scales", "measurement", "survey_items", "invariance", "proportional_odds",
    "association", "verdict", "municipal_link", "panel", "municipalities", "survey_ks", "survey_imdi", "published",
}  # fmt: skip
SHOWN = [name for name, entry in REGISTRY.items() if set(entry["needs"]) <= NEEDS and entry.get("data") != "published"]
SHOWN = [name for name in SHOWN if REGISTRY[name].get("basis") in ("survey", "linked")]
SETTINGS = {
    **{name: block for name, block in CONFIG.items() if isinstance(block, dict)},
    "source": "synthetic",
    "official_definition": "ssb_november",
    "surveys": made.SURVEYS,
    "association": CONFIG["association"] | {"horizons": [1, 2], "primary": made.ASSOCIATION["primary"]},
    "definitions": {name: CONFIG["definitions"][name] for name in ("ssb_november", "direct_exit")},
}
FRAME_KEY = ["wave", "municipality", "sex", "age_group", "country_group"]
WAVE, OTHER = "imdi_2020", "ks_2015"


def one_municipality(responses, frame, panel):
    return responses[(responses["wave"] != WAVE) | (responses["municipality"] == "1001")], frame, panel


def nobody_answered(responses, frame, panel):
    return responses.assign(trivsel=responses["trivsel"].where(responses["wave"] != WAVE, 99), q05=99), frame, panel


def constant_item(responses, frame, panel):
    return (
        responses.assign(trivsel=responses["trivsel"].where(responses["wave"] != WAVE, 4), q16=6, q17=6),
        frame,
        panel,
    )


def not_in_results(responses, frame, panel):
    return responses, frame, panel[~panel["municipality"].isin(["1002", "1003"])]


def not_in_survey(responses, frame, panel):
    gone = ["1002", "1003", "1004"]
    return responses[~responses["municipality"].isin(gone)], frame, panel


def few_clusters(responses, frame, panel):
    kept = made.codes(3)
    return responses[responses["municipality"].isin(kept)], frame, panel


CASES = {f.__name__: f for f in (one_municipality, nobody_answered, constant_item, not_in_results, not_in_survey,
                                 few_clusters)}  # fmt: skip


def script(name, folder, inputs, outputs, **params):
    """Run a rule's script as Snakemake does, with paths in ``folder``."""
    paths = {key: str(folder / f"{key}.{form}") for key, form in (inputs | outputs).items()}
    mock = SimpleNamespace(
        input=SimpleNamespace(**{key: paths[key] for key in inputs}, codebook=BOOKS),
        output=SimpleNamespace(**{key: paths[key] for key in outputs}),
        params=SimpleNamespace(**params),
        log=[str(folder / f"{name}.log")],
    )
    runpy.run_path(str(SCRIPTS / f"{name}.py"), init_globals={"snakemake": mock})


def clean_tables(folder, responses, frame, panel):
    folder.mkdir(exist_ok=True)
    write_table(responses, folder / "survey_responses.parquet", ["wave", "response_id"])
    write_table(frame, folder / "survey_frame.parquet", FRAME_KEY)
    write_table(panel, folder / "panel.parquet", ["municipality", "exit_year", "horizon", "definition"])
    standard = made.standard(panel, SETTINGS["surveys"]["waves"])
    write_table(standard, folder / "standardised_results.parquet", KEY)
    names = pd.DataFrame({"municipality": made.codes(12), "year": 2020, "name": [f"Vik {c}" for c in made.codes(12)]})
    write_table(names, folder / "municipalities.parquet", ["municipality", "year"])


def score(folder):
    script(
        "score_survey",
        folder,
        {"survey_responses": "parquet", "survey_frame": "parquet"},
        {"scales": "parquet", "measurement": "csv", "survey_items": "csv"},
        surveys=SETTINGS["surveys"],
    )


def run(folder, responses, frame, panel):
    """The survey's part of the workflow; returns the paths by name."""
    clean_tables(folder, responses, frame, panel)
    score(folder)
    choices = {name: SETTINGS[name] for name in ("surveys", "association", "definitions")}
    found = {"association": "csv", "verdict": "csv", "item_association": "csv", "definition_association": "csv"}
    found |= {"municipal_link": "parquet"}
    given = {name: "parquet" for name in ("scales", "panel", "standardised_results")}
    script("estimate_association", folder, given, found, **choices)
    tested = {"invariance": "csv", "proportional_odds": "csv"}
    script("examine_measurement", folder, {"scales": "parquet", "municipal_link": "parquet"}, tested, **choices)
    made_here = {path.stem: str(path) for path in folder.iterdir() if path.suffix in (".csv", ".parquet")}
    shipped = {f"survey_{name}": BOOKS[i] for i, name in enumerate(("ks", "imdi"))}
    return made_here | shipped | {"published": str(ROOT / "data" / "published" / "figures.csv")}


def world():
    responses, frame, panel = made.world(5, 12, 0.4, answers=16, leavers=25)
    rng = np.random.default_rng(5)
    responses["language"] = rng.choice(["ti", "ar"], len(responses))
    responses["assisted"] = rng.random(len(responses)) < 0.2
    exits = panel[panel["horizon"] == 1].assign(horizon=0, definition="direct_exit")
    return responses, frame, pd.concat([panel, exits], ignore_index=True)


@pytest.fixture(scope="module", params=list(CASES))
def studied(request, tmp_path_factory):
    changed = [table.reset_index(drop=True) for table in CASES[request.param](*world())]
    return request.param, run(tmp_path_factory.mktemp(request.param), *changed)


@pytest.fixture(scope="module")
def inputs(studied):
    return read_inputs({name: path for name, path in studied[1].items() if name in NEEDS})


def printed(name, numbers, language):
    entry = REGISTRY[name]
    context = Context.of(name, entry, SETTINGS, language)
    module = import_module(f"introprog.displays.{entry['module']}")
    if entry["form"] == "table":
        return re.findall(r">([^<>]+)<", module.table(numbers, context).to_html())
    with house_style():
        figure = module.draw(numbers, context)
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def test_every_display_gives_reasons_and_no_nan(studied, inputs):
    faults = []
    for name in SHOWN:
        numbers = make_numbers(REGISTRY[name], inputs, SETTINGS)
        for language in ("nb", "en"):
            told = " ".join(printed(name, numbers, language))
            faults += [(name, language, word) for word in re.findall(r"\b(?:nan|NaN|None|NaT|<NA>|inf)\b", told)]
            if language == "nb":
                faults += [(name, "nb", word) for word in re.findall(r"at least \d+ needed|does not vary", told)]
    assert faults == []


def test_models_have_a_number_or_a_reason(studied):
    paths = studied[1]
    for name, value in (("association", "estimate"), ("verdict", "r"), ("invariance", "cfi"),
                        ("proportional_odds", "chisq"), ("item_association", "r")):  # fmt: skip
        table = read_csv(paths[name])
        text = table["verdict"] if name == "verdict" else table["method"]
        reasoned = text.astype(str).str.contains("not estimable: .+")
        assert (table[value].notna() | reasoned).all(), name
        assert not (table[value].notna() & reasoned).any(), name


def test_the_reason_is_the_one_that_fits(studied):
    case, paths = studied
    verdict = read_csv(paths["verdict"]).set_index(["wave", "construct", "horizon"])
    told = str(verdict.loc[(WAVE, "satisfaction", 1), "verdict"])
    items = read_csv(paths["survey_items"]).set_index(["wave", "item"])["note"]
    models = read_csv(paths["association"])
    own = models[(models["wave"] == WAVE) & (models["construct"] == "satisfaction") & (models["horizon"] == 1)]
    if case == "one_municipality":
        assert told == "not estimable: municipalities: 1, at least 5 needed"
    elif case == "nobody_answered":
        assert told == "not estimable: municipalities: 0, at least 5 needed"
        assert items[WAVE, "trivsel"] == "nobody answered" and items[OTHER, "q05"] == "nobody answered"
    elif case == "constant_item":
        assert told == "not estimable: the score between municipalities does not vary"
        assert items[WAVE, "trivsel"] == "constant" and items[OTHER, "q16"] == "constant"
    elif case == "few_clusters":
        assert told == "not estimable: municipalities: 3, at least 5 needed"
        adjusted = own[own["model"].str.endswith("_adjusted")]
        assert len(adjusted) and adjusted["method"].str.contains(r"municipalities for \d+ terms: 3").all()
    else:
        column = "survey_only" if case == "not_in_results" else "results_only"
        assert verdict.loc[(WAVE, "satisfaction", 1), column] == (2 if case == "not_in_results" else 3)


def test_who_is_in_one_source_only_is_written_down(studied):
    case, paths = studied
    link = read_table(paths["municipal_link"])
    own = link[(link["wave"] == WAVE) & (link["construct"] == "satisfaction") & (link["horizon"] == 1)]
    own = own[own["definition"] == "ssb_november"].set_index("municipality")["status"]
    if case == "not_in_results":
        assert own[["1002", "1003"]].tolist() == ["no_result", "no_result"]
        assert (own.drop(["1002", "1003"]) == "linked").all()
    if case == "not_in_survey":
        assert not set(own.index) & {"1002", "1003", "1004"}


def no_women_in_the_frame(frame):
    return frame[(frame["wave"] != WAVE) | (frame["sex"] == "men")]


def nobody_eligible(frame):
    return frame.assign(eligible=frame["eligible"].where(frame["wave"] != WAVE, 0))


def a_large_group_that_nobody_answered_for(frame):
    silent = frame[frame["wave"] == WAVE].assign(country_group="america_oceania")
    silent = silent.groupby(FRAME_KEY, as_index=False)["eligible"].sum()
    return pd.concat([frame, silent], ignore_index=True)


@pytest.mark.parametrize(
    ("change", "rule"),
    [(no_women_in_the_frame, "S2"), (nobody_eligible, "S1"), (a_large_group_that_nobody_answered_for, "S4")],
)
def test_weights_that_cannot_be_raked_end_in_a_message_and_leave_nothing(tmp_path, capsys, change, rule):
    responses, frame, panel = world()
    clean_tables(tmp_path, responses, change(frame), panel)
    with pytest.raises(SystemExit):
        score(tmp_path)
    told = capsys.readouterr().err
    assert f"survey_{WAVE}_frame [{rule}]" in told and "Traceback" not in told
    assert told.strip() in (tmp_path / "score_survey.log").read_text().strip()
    assert not (tmp_path / "scales.parquet").exists()


def test_margins_that_contradict_each_other_do_not_settle_and_are_told(tmp_path, capsys):
    """Every man answers from one age group and every woman from another, while the frame has them the other way."""
    responses, frame, panel = world()
    wave = responses["wave"] == WAVE
    responses.loc[wave, "age_group"] = np.where(responses.loc[wave, "sex"] == "men", "18-25", "26-35")
    twisted = frame[frame["wave"] == WAVE].copy()
    twisted["age_group"] = np.where(np.arange(len(twisted)) % 7 == 0, "18-25", "26-35")
    twisted["sex"] = np.where(np.arange(len(twisted)) % 2 == 0, "men", "women")
    frame = pd.concat([frame[frame["wave"] != WAVE], twisted], ignore_index=True)
    frame = frame.groupby(FRAME_KEY, as_index=False)["eligible"].sum()
    clean_tables(tmp_path, responses, frame, panel)
    with pytest.raises(SystemExit):
        score(tmp_path)
    assert "[S3]: raking did not settle" in capsys.readouterr().err


def test_a_wave_without_any_answers_is_told(tmp_path, capsys):
    responses, frame, panel = world()
    with pytest.raises(SystemExit):
        run(tmp_path, responses[responses["wave"] != WAVE].reset_index(drop=True), frame, panel)
    assert "[S10]: waves without any answers" in capsys.readouterr().err
