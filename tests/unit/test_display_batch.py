"""Displays made in one process: each redone exactly when something of its own has changed."""

import json
from pathlib import Path

import display_frames as made
import pytest
from introprog.batches import batches, cost
from introprog.displays import batch
from introprog.displays.batch import make_batch, own_files, recipes
from introprog.displays.registry import registry
from introprog.errors import InputError
from introprog.plan import Plan
from introprog.tabular import write_csv

SHIPPED = made.ROOT / "data" / "published"
DISPLAYS = ["T-A5", "T-B1"]


@pytest.fixture(scope="module")
def regions(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("regions") / "region_status.parquet"
    made.region_status().to_parquet(path)
    return path


@pytest.fixture
def start(tmp_path, monkeypatch, regions):
    """A batch of displays in a folder of its own; keywords of the call change the params as an edit would."""
    monkeypatch.chdir(tmp_path)
    plan = Plan(made.settings(languages=["en"]), made.ROOT)
    write_csv(made.flow(), "flow.csv")
    places = {
        "flow": "flow.csv",
        "rules": str(made.ROOT / "data" / "codebook" / "rules.yaml"),
        "region_status": str(regions),
        "published": str(SHIPPED / "figures.csv"),
        "published_sources": str(SHIPPED / "sources.csv"),
    }

    def of(displays):
        def make(**changes) -> list[str]:
            return make_batch(recipes({**make.params, **changes}, places), make.files)

        make.params, make.files = plan.batch_params(displays), plan.batch_files(displays)
        return make

    return of


@pytest.fixture
def run(start):
    return start(DISPLAYS)


def contents(files) -> dict[str, bytes]:
    return {path: Path(path).read_bytes() for path in files}


def test_figures_and_tables_are_made_once_and_then_kept(start):
    displays = ["F-B2-published", "T-A5"]
    run = start(displays)
    assert run() == [f"{name}: made (new)" for name in displays]
    first = contents(run.files)
    assert all(len(content) > 100 for content in first.values())
    assert run() == [f"{name}: kept" for name in displays]
    assert contents(run.files) == first


def test_what_is_kept_is_not_worked_out_again(run, monkeypatch):
    from introprog.displays import t_a5, t_b1

    run()
    for module in (t_a5, t_b1):
        monkeypatch.setattr(module, "numbers", lambda inputs, settings: 1 / 0)
    assert run() == ["T-A5: kept", "T-B1: kept"]


def test_an_edited_entry_or_module_redoes_its_own_display_alone(run):
    run()
    first = contents(run.files)
    entries = run.params["entries"]
    caption = {**entries["T-A5"]["caption"], "en": "Other words under the table."}
    lines = run(entries={**entries, "T-A5": {**entries["T-A5"], "caption": caption}})
    assert lines == ["T-A5: made (changed: entry)", "T-B1: kept"]
    assert b"Other words under the table." in Path("results/tables/T-A5_en.html").read_bytes()
    changed = {path for path, content in contents(run.files).items() if content != first[path]}
    printed = {f"results/tables/T-A5_en.{ending}" for ending in ("html", "csv", "json")}
    assert changed == {*printed, "results/private/displays/T-A5.json"}
    run()
    lines = run(codes={**run.params["codes"], "T-B1": "edited"})
    assert lines == ["T-A5: kept", "T-B1: made (changed: code)"]


def test_a_changed_table_redoes_who_needs_it(run):
    run()
    flow = made.flow()
    flow.loc[flow.index[-1], "criterion"] = "first_leaving"
    write_csv(flow, "flow.csv")
    assert run() == ["T-A5: made (changed: input flow)", "T-B1: kept"]
    write_csv(flow, "flow.csv")
    assert run()[0] == "T-A5: kept", "written anew with the same content"


def test_a_changed_table_with_the_same_numbers_in_it_draws_nothing_anew(run, monkeypatch):
    run()
    first = contents(run.files)
    write_csv(made.flow().assign(remark="of no display"), "flow.csv")
    monkeypatch.setattr(batch, "_print", lambda *_: 1 / 0)
    assert run() == ["T-A5: kept, same numbers (changed: input flow)", "T-B1: kept"]
    assert run() == ["T-A5: kept", "T-B1: kept"], "the stamp vouches for the new input"
    printed = [path for path in run.files if not path.endswith("displays/T-A5.json")]
    assert contents(printed) == {path: first[path] for path in printed}


def test_same_numbers_do_not_save_an_altered_file_nor_outdated_words(run):
    run()
    first = contents(run.files)
    write_csv(made.flow().assign(remark="of no display"), "flow.csv")
    Path("results/tables/T-A5_en.html").write_text("altered", encoding="utf-8")
    assert run()[0] == "T-A5: made (changed: input flow)"
    assert Path("results/tables/T-A5_en.html").read_bytes() == first["results/tables/T-A5_en.html"]
    write_csv(made.flow(), "flow.csv")
    assert run(codes={**run.params["codes"], "T-A5": "edited"})[0] == "T-A5: made (changed: code, input flow)"


def test_a_setting_matters_to_the_displays_that_name_it(run):
    run()
    blocks = run.params["settings"]
    hours = {**blocks["definitions"]["hours_4"], "min_hours": 5}
    settings = {**blocks, "definitions": {**blocks["definitions"], "hours_4": hours}}
    assert run(settings=settings) == ["T-A5: kept", "T-B1: made (changed: settings)"]


@pytest.mark.parametrize("harm", ["cut short", "removed", "stamp removed", "stamp cut short"])
def test_a_file_that_is_not_as_it_was_made_is_made_again(run, harm):
    run()
    first = contents(run.files)
    name = "results/private/displays/T-A5.json" if harm.startswith("stamp") else "results/tables/T-A5_en.html"
    if harm.endswith("removed"):
        Path(name).unlink()
    else:
        Path(name).write_bytes(Path(name).read_bytes()[:50])
    reason = {"stamp removed": "new", "stamp cut short": "its stamp cannot be read"}
    lines = run()
    assert lines[0] == f"T-A5: made ({reason.get(harm, 'missing or altered: T-A5_en.html')})"
    assert lines[1] == "T-B1: kept"
    assert contents(run.files) == first


def test_faults_of_all_displays_are_told_together_and_by_name(run, monkeypatch):
    from introprog.displays import t_a5, t_b1
    from introprog.errors import Problem

    def fail(inputs, settings):
        raise InputError([Problem("flow.csv", "X1", "no rows")])

    monkeypatch.setattr(t_a5, "numbers", fail)
    monkeypatch.setattr(t_b1, "numbers", fail)
    with pytest.raises(InputError) as caught:
        run()
    assert [p.where for p in caught.value.problems] == ["T-A5: flow.csv", "T-B1: flow.csv"]
    assert not Path("results/private/displays/T-A5.json").exists()


def test_an_unexpected_error_names_the_display(run, monkeypatch):
    from introprog.displays import t_a5

    monkeypatch.setattr(t_a5, "numbers", lambda inputs, settings: 1 / 0)
    with pytest.raises(ZeroDivisionError) as caught:
        run()
    assert caught.value.__notes__ == ["while making T-A5"]


def test_no_display_sees_what_another_did_with_a_table(run, monkeypatch):
    from introprog.displays import t_a5

    real = t_a5.numbers

    def careless(inputs, settings):
        inputs["flow"]["n_in"] = -1
        inputs["rules"].clear()
        return real({"flow": made.flow(), "rules": rules}, settings)

    twice = {**run.params}
    for part in ("entries", "needs", "codes"):
        twice[part] = {"T-A5": run.params[part]["T-A5"], "T-A6": run.params[part]["T-A5"]}
    run.files[:] = [p.replace("T-A5", name) for name in ("T-A5", "T-A6") for p in run.files if "T-A5" in p]
    seen = []
    rules = None

    def watch(inputs, settings):
        nonlocal rules
        seen.append((inputs["flow"]["n_in"].tolist(), len(inputs["rules"])))
        rules = dict(inputs["rules"])
        return careless(inputs, settings)

    monkeypatch.setattr(t_a5, "numbers", watch)
    run(**twice)
    assert len(seen) == 2 and seen[0] == seen[1] and -1 not in seen[1][0]


def test_stamps_name_no_place_of_this_machine(run, tmp_path):
    run()
    stamp = Path("results/private/displays/T-A5.json").read_text(encoding="utf-8")
    assert str(tmp_path) not in stamp and str(made.ROOT) not in stamp
    assert set(json.loads(stamp)["files"]) == {
        "results/tables/T-A5.csv",
        *(f"results/tables/T-A5_en.{ending}" for ending in ("html", "csv", "json")),
    }


def test_files_are_told_apart_by_the_whole_id():
    own = ["a/F-B2.csv", "a/F-B2_nb.svg", "a/F-B2_nb.csv", "a/F-B2_nb.json", "b/F-B2.json"]
    others = ["b/alone/F-B2", "a/F-B2-published_nb.svg", "b/F-B2-published.json", "a/F-B21.csv"]
    assert own_files([*others, *own], "F-B2") == own
    assert own_files(others, "F-B2-published") == others[1:3]


def test_every_display_is_in_one_batch_and_published_ones_need_no_data_of_the_run():
    entries = registry()
    found = batches(entries, entries)
    assert sorted(name for batch in found.values() for name in batch) == sorted(entries)
    assert all(name == "published" or {i[2].lower() for i in ids} == {name[-1]} for name, ids in found.items())
    needs = {need for name in found["published"] for need in entries[name]["needs"]}
    assert needs <= {"published", "published_sources"}
    assert cost(entries, entries) == pytest.approx(sum(cost(entries, batch) for batch in found.values()))
