"""The process that runs Snakemake does without what only jobs need."""

import subprocess
import sys
from pathlib import Path

SCRIPTS = Path(__file__).parents[2] / "workflow" / "scripts"


def lines(code: str) -> list[str]:
    """What ``code`` prints in a Python of its own."""
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=SCRIPTS, capture_output=True, text=True, check=False, timeout=60
    )
    assert run.returncode == 0, run.stderr
    return run.stdout.splitlines()


def test_snakemake_records_the_same_parameters_without_pandas():
    recorded = """
from snakemake.persistence import PersistenceBase
class Bare(PersistenceBase):
    def __init__(self): pass
Bare.__abstractmethods__ = frozenset()
for value in (1, 2.5, "text", None, True, {"a": [1, "b"]}, ["x", {"y": 0.1}]):
    print(Bare()._serialize_param(value))
print("pandas" in sys.modules and sys.modules["pandas"] is not None)
"""
    light = "from introprog.light_start import do_without_frames; do_without_frames()"
    *plain, loaded = lines(f"import sys\n{recorded}")
    *spared, absent = lines(f"import sys\n{light}\n{recorded}")
    assert (loaded, absent) == ("True", "False")
    assert spared == plain and len(plain) == 7


def test_a_library_that_is_loaded_already_stays():
    code = "import pandas, sys; from introprog.light_start import do_without_frames; do_without_frames()"
    assert lines(f"{code}; import pandas; print(sys.modules['pandas'] is pandas)") == ["True"]


def test_the_plan_of_own_text_files_needs_no_pandas(tmp_path):
    (tmp_path / "demografi.csv").write_text("lopenr;kjoenn\n", encoding="latin-1")
    (tmp_path / "codebook").mkdir()
    book = "kind: extract\nextract: demografi\ncolumns: {bosettingsdato: {name: settlement_date, optional: true}}\n"
    (tmp_path / "codebook" / "demografi.yaml").write_text(book, encoding="utf-8")
    code = f"""
import sys, yaml
from pathlib import Path
from introprog.light_start import do_without_frames
do_without_frames()
from introprog.plan import Plan
config = yaml.safe_load(Path("../../config.yaml").read_text(encoding="utf-8"))
config["source"], config["extracts"]["directory"] = "extracts", {str(tmp_path)!r}
print(*Plan(config, Path("../..")).lacking)
"""
    assert lines(code) == ["demografi.settlement_date surveys"]


def test_what_is_loaded_is_left_out_of_the_search_and_later_objects_are_still_found():
    code = """
import gc
from introprog.light_start import keep_what_is_loaded
before = len(gc.get_objects())
keep_what_is_loaded()
print(gc.get_freeze_count() >= before, gc.isenabled())
loop = []
loop.append(loop)
del loop
print(gc.collect() > 0)
"""
    assert lines(code) == ["True True", "True"]


def test_a_job_searches_while_it_works_and_not_while_it_loads_or_ends():
    code = """
import gc
snakemake = None
import introprog
from introprog.errors import reported
print(gc.isenabled())
with reported():
    at_work = gc.get_freeze_count()
    print(gc.isenabled(), at_work > 0, gc.get_threshold()[0] > 10_000)
    kept = [[] for _ in range(1000)]
print(gc.get_freeze_count() > at_work + 900)
"""
    assert lines(code) == ["False", "True True True", "True"]


def test_what_is_no_job_searches_as_ever():
    code = "import gc, introprog; from introprog.errors import reported\nwith reported(): pass\n"
    assert lines(f"{code}print(gc.isenabled(), gc.get_freeze_count())") == ["True 0"]


def test_a_job_takes_the_memory_of_tables_where_all_other_is_taken_unless_another_place_is_chosen():
    code = "snakemake = None\nimport introprog, pyarrow\nprint(pyarrow.default_memory_pool().backend_name)\n"
    assert lines(code) == ["system"]
    chosen = "import os\nos.environ['ARROW_DEFAULT_MEMORY_POOL'] = 'mimalloc'\n"
    assert lines(chosen + code) == ["mimalloc"]
