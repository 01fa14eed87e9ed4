"""A study whose files are all as a whole run left them is known again, and any other is not."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from introprog.untouched import RECORD, Left, forget, is_plain, look


@pytest.mark.parametrize(
    "words",
    [
        "--cores 2",
        "-c2",
        "-c 4 all",
        "--cores all --configfile study.yaml",
        "--cores=all -k -- all",
        "-j",
        "--cores 1 --config a=1 b=2 -q",
        "--snakefile /a/Snakefile --directory /b -p --cores 2",
    ],
)
def test_calls_that_run_everything(words):
    assert is_plain(words.split())
    assert not is_plain(words.split(), profile="slurm")


@pytest.mark.parametrize(
    "words",
    [
        *("-n", "--dry-run", "-F", "--forceall", "-R draw", "--touch", "--unlock", "--summary", "--lint", "--report"),
        *("F-C4", "all F-C4", "-c 2 F-C4", "-c2 2", "results/verdict.csv", "--profile p", "--until draw", "--list"),
        *("--delete-all-output", "--rerun-triggers code", "--configfile a.yaml --forceall", "-k 2", "--quiet rules"),
    ],
)
def test_calls_that_snakemake_is_to_judge(words):
    assert not is_plain(["--cores", "2", *words.split()])


class Jobs(SimpleNamespace):
    """A list of jobs of which ``waiting`` are to be run."""

    def __len__(self) -> int:
        return self.waiting


@pytest.fixture
def study(tmp_path, monkeypatch):
    """A folder with files of each kind; the current one."""
    monkeypatch.chdir(tmp_path)
    for name in ("Snakefile", "config.yaml", "workflow/a.py", "data/list.csv", "results/figure.png", "own/jobs.csv"):
        Path(name).parent.mkdir(exist_ok=True, parents=True)
        Path(name).write_text(f"of {name}", encoding="utf-8")
    Path(".snakemake").mkdir()
    return tmp_path


def called(study, words="--cores 2", own=("own",), waiting=1, **changed):
    """A call in the study's folder, as the Snakefile makes it; ``changed`` are settings of what is run."""
    asked = {name: () for name in ("until", "omit_from", "allowed_rules", "batch", "target_jobs", "forcerun")}
    asked |= {"forceall": False, "forcetargets": False, "targets": (), **changed}
    job = SimpleNamespace(input=["own/jobs.csv", "data/list.csv"], output=["results/figure.png"])
    workflow = SimpleNamespace(
        basedir=str(study),
        is_main_process=True,
        config_settings=SimpleNamespace(config_args=[w for w in words.split() if w[0] != "-"], configfiles=[]),
        dag_settings=SimpleNamespace(**asked),
        dag=Jobs(jobs=[job], waiting=waiting),
        dryrun=False,
        touch=False,
    )
    return Left(workflow, words.split(), {}), own


def run(call):
    """A whole run that changes nothing more."""
    left, own = call
    left.begin(*own)
    left.end()


def known(study, words="--cores 2") -> bool:
    return called(study, words)[0].as_left()


def test_what_a_whole_run_left_is_known_again_until_a_run_begins(study):
    assert not known(study)
    run(called(study))
    assert known(study) and known(study)
    forget()
    assert not known(study)


def later(path, text=None):
    if text is not None:
        path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(path.stat().st_mtime_ns + 1, path.stat().st_mtime_ns + 1))


CHANGES = {
    "code": lambda: later(Path("workflow/a.py"), "other"),
    "config": lambda: later(Path("config.yaml")),
    "a Snakefile of the same length": lambda: later(Path("Snakefile"), "OF Snakefile"),
    "an own extract": lambda: later(Path("own/jobs.csv"), "of own/jobs.CSV"),
    "one more extract": lambda: Path("own/more.csv").write_text("", encoding="utf-8"),
    "one more in a new folder": lambda: (Path("own/2023").mkdir(), Path("own/2023/a.csv").write_text("")),
    "an extract of another name": lambda: Path("own/jobs.csv").rename("own/jobs_2.csv"),
    "an older file in its place": lambda: os.utime("own/jobs.csv", ns=(1, 1)),
    "a list that ships": lambda: Path("data/list.csv").unlink(),
    "a figure deleted": lambda: Path("results/figure.png").unlink(),
    "a figure edited": lambda: later(Path("results/figure.png"), "drawn over"),
    "all figures gone": lambda: Path("results").rename("elsewhere"),
    "a profile": lambda: (Path("profiles").mkdir(), Path("profiles/a.yaml").write_text("forceall: true")),
}


@pytest.mark.parametrize("change", CHANGES)
def test_any_change_leaves_the_question_to_snakemake(study, change):
    run(called(study))
    assert known(study)
    CHANGES[change]()
    assert not known(study)


def test_another_choice_or_another_folder_is_another_study(study, tmp_path_factory, monkeypatch):
    run(called(study, "--config a=1"))
    assert known(study, "--config a=1")
    assert not known(study, "--config a=2")
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert not known(study, "--config a=1")


def test_a_file_that_changes_while_the_run_goes_on_is_not_taken_for_what_the_run_read(study):
    left, own = called(study)
    left.begin(*own)
    later(Path("config.yaml"), "changed by a researcher who could not wait")
    left.end()
    assert not known(study)


@pytest.mark.parametrize(
    "narrowed",
    [{"forceall": True}, {"forcerun": ("draw",)}, {"until": ("draw",)}, {"targets": ("F-C4",)}, {"batch": "all=1/2"}],
)
def test_a_run_that_a_profile_narrows_or_forces_is_not_noted(study, narrowed):
    run(called(study, **narrowed))
    assert not RECORD.exists()


def test_a_run_that_rests_on_a_file_elsewhere_is_not_noted(study):
    run(called(study, own=()))
    assert not RECORD.exists()


def test_of_a_run_that_ended_without_a_word_only_an_idle_one_is_noted(study):
    for waiting, noted in ((3, False), (0, True)):
        left, own = called(study, waiting=waiting)
        left.begin(*own)
        left.end_if_idle()
        assert RECORD.exists() is noted


def test_a_call_that_never_came_to_its_jobs_is_not_noted(study):
    left, _ = called(study)
    left.workflow.dag = None
    left.end_if_idle()
    assert not RECORD.exists()


@pytest.mark.parametrize("content", ["", "[]", "{", '{"asked": 1}'])
def test_a_damaged_record_is_no_record(study, content):
    RECORD.write_text(content, encoding="utf-8")
    assert not known(study)


def test_a_folder_that_holds_a_link_to_itself_is_looked_at_once(study):
    Path("own/again").symlink_to(".", target_is_directory=True)
    before = look(["own"])
    later(Path("own/jobs.csv"))
    assert look(["own"]) != before
    Path("own/nowhere").symlink_to("not there")
    assert look(["own"]) == look(["own"])
