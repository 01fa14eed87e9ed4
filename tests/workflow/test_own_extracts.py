"""A researcher's run: a faulty file leaves results/ as it was; nobody leaves the private folder, crash or not."""

import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from conftest import ROOT, checksums, copy_project, snakemake
from introprog.simulate.extracts import simulate_extracts

pytestmark = pytest.mark.heavy
DISPLAYS = ["T-A5", "T-A6", "F-B2-published", "T-E1"]
CANARIES = [f"777777{n:04d}" for n in range(8)]


def planted(raw: Path) -> list[str]:
    """Eight persons of the survey years get keys that are easy to find, in every file; returns their former keys."""
    lines = (raw / "nir_deltakere.csv").read_text(encoding="utf-8-sig").splitlines()[1:]
    former = list(dict.fromkeys(line.split(";")[0] for line in lines))[: len(CANARIES)]
    pairs = [(old.encode(), new.encode()) for old, new in zip(former, CANARIES, strict=True)]
    for path in raw.iterdir():
        if path.suffix in (".csv", ".txt"):
            data = path.read_bytes()
            for old, new in pairs:
                data = data.replace(old, new)
            path.write_bytes(data)
    return former


@pytest.fixture(scope="module")
def raw(tmp_path_factory) -> Path:
    """The simulator's files as a researcher's own, outside the run's folder and read-only."""
    folder = tmp_path_factory.mktemp("delivery") / "raw"
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    simulate_extracts(folder, {**config["synthetic"], "scale": 0.02}, config["study"])
    shutil.rmtree(folder / "truth")
    planted(folder)
    return folder


def write_config(folder: Path, raw: Path) -> None:
    config = {
        "source": "extracts",
        "extracts": {"directory": str(raw)},
        "displays": DISPLAYS,
        "languages": ["en"],
        "comparison": {"minimum_leavers": 5},
    }
    (folder / "own.yaml").write_text(json.dumps(config), encoding="utf-8")


@pytest.fixture(scope="module")
def finished(raw, tmp_path_factory) -> Path:
    """A folder with a finished run on the extracts."""
    folder = tmp_path_factory.mktemp("own")
    write_config(folder, raw)
    modes = {path: path.stat().st_mode for path in raw.iterdir()}
    for path in modes:
        path.chmod(0o444)
    raw.chmod(0o555)
    before = checksums(raw)
    run = snakemake(folder, "displays", "--cores", "2", "--configfile", "own.yaml")
    raw.chmod(0o755)
    for path, mode in modes.items():
        path.chmod(mode)
    assert run.returncode == 0, run.stdout[-5000:]
    assert checksums(raw) == before, "the delivery was touched"
    return folder


def damage(old: str, new: str, every: bool = False):
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new) if every else text.replace(old, new, 1)

    return change


def emptied(text: str) -> str:
    return ""


def with_keys_everywhere(text: str) -> str:
    """Rows that hold a person key in every column."""
    width = text.split("\n")[0].count(";") + 1
    return text + "".join(";".join([key] * width) + "\n" for key in CANARIES for _ in range(len(text) // 2000 + 1))


FAULTS = {
    "inntekt.csv": damage(";", ",", every=True),
    "bosted.csv": damage("kommnr", "kommune"),
    "ameld_2018.csv": damage("arb_arbeidstid", "timer"),
    "survey_imdi_2020.csv": emptied,
    "survey_ks_2015_frame.csv": damage("antall", "number"),
    "kommune_endringer.csv": with_keys_everywhere,
    "demografi.csv": with_keys_everywhere,
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_faulty_file_leaves_results_as_they_were(finished, raw, name):
    """Another file has changed for good: what is read of it does not come into results/ either."""
    before, kept = checksums(finished / "results"), {p: (raw / p).read_bytes() for p in {name, "utdanning_kurs.csv"}}
    encoding = "latin-1" if name == "demografi.csv" else "utf-8"
    try:
        sound = raw / "utdanning_kurs.csv"
        sound.write_bytes(b"\n".join(sound.read_bytes().split(b"\n")[:-20]) + b"\n")
        (raw / name).write_bytes(FAULTS[name](kept[name].decode(encoding)).encode(encoding))
        run = snakemake(finished, "displays", "--cores", "2", "--keep-going", "--configfile", "own.yaml")
    finally:
        for path, data in kept.items():
            (raw / path).write_bytes(data)
    assert run.returncode != 0 and f"{name}" in run.stdout and "Traceback" not in run.stdout
    assert checksums(finished / "results") == before
    assert not [key for key in CANARIES if key in run.stdout]


def test_published_displays_wait_too_and_the_next_run_makes_up(finished, raw):
    before, survey = checksums(finished / "results"), raw / "survey_imdi_2021.csv"
    text = survey.read_bytes()
    survey.write_bytes(b"")
    try:
        arguments = (
            "displays",
            "--cores",
            "2",
            "--keep-going",
            "--forcerun",
            "draw_published",
            "--configfile",
            "own.yaml",
        )
        run = snakemake(finished, *arguments)
    finally:
        survey.write_bytes(text)
    assert run.returncode != 0 and "rule draw_published" not in run.stdout
    assert checksums(finished / "results") == before
    run = snakemake(finished, "displays", "--cores", "2", "--configfile", "own.yaml")
    assert run.returncode == 0, run.stdout[-3000:]
    assert checksums(finished / "results") == before


def leaks(folder: Path, keys: list[str]) -> list[str]:
    """Files outside the private folder that hold a person key, or a table that might, compressed."""
    pattern, found = re.compile("|".join(keys).encode()), []
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if Path(place, name) != folder / "results" / "private"]
        for name in files:
            data = Path(place, name).read_bytes()
            public = Path(place, name) == folder / "results/panel/municipality_panel.parquet"
            if pattern.search(data) or (data[:4] == b"PAR1" and not public):
                found.append(str(Path(place, name).relative_to(folder)))
    return found


def open_to_others(folder: Path) -> list[str]:
    return [str(p) for p in [folder, *folder.rglob("*")] if not p.is_symlink() and p.stat().st_mode & 0o077]


def test_no_person_is_anywhere_else_after_a_finished_run_and_faulty_ones(finished):
    assert leaks(finished, CANARIES) == []
    private = finished / "results" / "private"
    assert stat.S_IMODE(private.stat().st_mode) == 0o700 and open_to_others(private) == []


POOR = {
    "nav": "kind: extract\nextract: nav\noptional: true\n",
    "demografi": "kind: extract\nextract: demografi\n"
    "columns:\n  bosettingsdato: {name: settlement_date, optional: true}\n",
}
LEFT_OUT = {"surveys": {"T-E1", "F-F1", "T-F4", "T-D9"}, "nav": {"T-B1", "F-C3"}, "demografi.settlement_date": {"F-D4"}}


@pytest.fixture(scope="module")
def registers_alone(raw, tmp_path_factory) -> Path:
    """Registers without surveys, without NAV's files and without settlement dates."""
    folder = tmp_path_factory.mktemp("poor") / "raw"
    shutil.copytree(raw, folder, ignore=shutil.ignore_patterns("survey_*", "nav_*"))
    (folder / "codebook").mkdir()
    for name, text in POOR.items():
        (folder / "codebook" / f"{name}.yaml").write_text(text, encoding="utf-8")
    people = (folder / "demografi.csv").read_text(encoding="latin-1").replace("bosettingsdato", "annet", 1)
    (folder / "demografi.csv").write_text(people, encoding="latin-1")
    return folder


def run_on(folder: Path, raw: Path, *arguments: str, **changes: object) -> subprocess.CompletedProcess:
    write_config(folder, raw)
    config = json.loads((folder / "own.yaml").read_text(encoding="utf-8")) | changes
    (folder / "own.yaml").write_text(json.dumps(config), encoding="utf-8")
    return snakemake(folder, *arguments, "--cores", "2", "--configfile", "own.yaml")


def test_what_registers_alone_can_feed_is_made_to_the_end_and_the_rest_is_named(registers_alone, tmp_path):
    run = run_on(tmp_path, registers_alone, displays="all")
    assert run.returncode == 0, run.stdout[-5000:]
    lines = dict(re.findall(r"not among the extracts: (\S+) \(.*?; left out: (.*)", run.stdout))
    assert set(lines) == set(LEFT_OUT)
    named = {part: set(re.findall(r"[FT]-[A-G]\d+(?:-[a-z]+)*", line)) for part, line in lines.items()}
    gone = set().union(*named.values())
    for part, displays in LEFT_OUT.items():
        assert displays <= named[part]
    made = {p.stem for form in ("figures", "tables") for p in (tmp_path / "results" / form).glob("*.csv")}
    made = {name for name in made if "_" not in name}
    registry = yaml.safe_load((ROOT / "workflow" / "displays.yaml").read_text(encoding="utf-8"))["displays"]
    wanted = {name for name, entry in registry.items() if "asked" not in entry}
    assert made == wanted - gone and len(made) > 35
    for page in ("report_en.html", "report_en.pdf", "report_en.docx"):
        assert (tmp_path / "results" / "report" / page).stat().st_size > 10_000
    claims = (tmp_path / "results/models/claims.csv").read_text(encoding="utf-8")
    assert "the numbers it takes are not here" in claims and "cannot be told" in claims
    recorded = {path.stem for path in (tmp_path / "results/release").glob("*.yaml")}
    assert made | {"report", "workbook", "municipality_panel"} <= recorded
    manifest = json.loads((tmp_path / "results/manifest.json").read_text(encoding="utf-8"))
    listed = {Path(entry["file"]).stem for entry in manifest["run"]["outputs"]}
    assert made <= listed
    assert not (tmp_path / "results/models/chronogram.csv").exists(), "its zeros would be no result"


def test_surveys_that_are_described_but_not_there_are_an_error_with_a_hint(registers_alone, tmp_path):
    folder = tmp_path / "raw"
    shutil.copytree(registers_alone, folder)
    (folder / "surveys").mkdir()
    for name, file in (("survey_responses", "{wave}.sav"), ("survey_frame", "{wave}_frame.csv")):
        text = f"kind: extract\nextract: {name}\nfile: 'surveys/{file}'\n"
        (folder / "codebook" / f"{name}.yaml").write_text(text, encoding="utf-8")
    run = run_on(tmp_path, folder, "check", displays="all")
    assert run.returncode != 0 and "Traceback" not in run.stdout
    assert "surveys/ks_2015.sav [F2]: file not found" in run.stdout and "the folder is empty" in run.stdout


def test_a_display_of_a_survey_that_is_not_there_is_refused_at_once(registers_alone, tmp_path):
    run = run_on(tmp_path, registers_alone, "displays", displays=["T-E1", "T-A5"])
    assert run.returncode != 0 and "'T-E1' needs surveys" in run.stdout and not (tmp_path / "results").exists()


CRASHES = {
    "an exception with persons in its words": (
        "workflow/scripts/introprog/cleaning/tables.py",
        "    programmes = clean_programmes(",
        '    raise ValueError(f"cannot go on with {sorted(persons.person_id)[-9:]}")\n',
    ),
    "killed while tables are replaced": (
        "workflow/scripts/keep_clean_tables.py",
        "        copy_table(path, snakemake.output[name])\n",
        "        copy_table(path, snakemake.output[name])\n        import os\n        os.killpg(0, 9)\n",
    ),
}


@pytest.fixture(scope="module")
def crashing(finished, tmp_path_factory) -> tuple[Path, Path]:
    """A project that can be edited, and a copy of the finished run."""
    code = copy_project(tmp_path_factory.mktemp("code") / "intro")
    folder = tmp_path_factory.mktemp("crash") / "run"
    shutil.copytree(finished, folder, symlinks=True)
    return code, folder


@pytest.mark.parametrize("name", CRASHES)
def test_no_person_is_anywhere_else_after_a_crash(crashing, raw, name):
    code, folder = crashing
    path, before, after = CRASHES[name]
    text = (code / path).read_text(encoding="utf-8")
    assert text.count(before) == 1
    added = after if after.startswith(before) else after + before
    (code / path).write_text(text.replace(before, added), encoding="utf-8")
    scratch = folder.parent / "scratch"
    scratch.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(code / "Snakefile"), "displays", "--cores", "2"]
    try:
        run = subprocess.run(
            [*command, "--configfile", "own.yaml", "--forcerun", "keep_clean_tables", "clean_registers"],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "TMPDIR": str(scratch)},
            start_new_session=True,
            check=False,
        )
    finally:
        (code / path).write_text(text, encoding="utf-8")
    assert run.returncode == (-signal.SIGKILL if "killed" in name else 1), run.stdout[-3000:]
    (folder / "terminal.txt").write_text(run.stdout, encoding="utf-8")
    if "exception" in name:
        assert "ValueError: cannot go on with ['(hidden)'" in run.stdout
    assert leaks(folder, CANARIES) == [] and leaks(scratch, CANARIES) == []
    backup = folder / ".snakemake" / "backups"
    assert backup.is_symlink() and backup.resolve().is_relative_to((folder / "results" / "private").resolve())
    assert stat.S_IMODE((folder / "results" / "private").stat().st_mode) == 0o700
