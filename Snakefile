"""Result measures and satisfaction in Norway's introduction programme: from raw extracts to figures and tables.

snakemake --cores 4            every display that the source in config.yaml can feed
snakemake --cores 4 F-C4       one display, by its id in workflow/displays.yaml
snakemake --cores 4 results/report/municipality/0301_nb.pdf    one municipality or county on a page
snakemake --cores 4 review     every number and picture of a run against what is expected of it
snakemake --cores 2 benchmark  time and memory of each stage beside other ways of doing the same
snakemake --cores 4 freeze     the results as they are now become what is expected
snakemake --cores 4 displays   all displays without the report
"""

import atexit
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(workflow.basedir) / "workflow" / "scripts"))

from introprog.untouched import Left, forget

# What Snakemake would find in its own way, and in more time, where every file is as the last whole run left it.
LEFT = Left(workflow, sys.argv[1:])
if LEFT.as_left():
    LEFT.leave()

from snakemake.exceptions import WorkflowError
from snakemake.utils import min_version

from introprog.closing import closing_lines, written
from introprog.errors import InputError
from introprog.lifeline import announce_run
from introprog.light_start import do_without_frames, keep_what_is_loaded
from introprog.settings import check_config
from introprog.plan import PRIVATE, Plan
from introprog.reading import WAITING
from introprog.run_lock import begin_run, went_away
from introprog.seclusion import close, seclude
from introprog.simulated_files import forget_if_changed, unlisted
from introprog.release import outputs as released

min_version("9.0")
announce_run()
if begin_run():
    print("A run in this folder was killed and is known to be dead: its lock has been taken away", file=sys.stderr)


# Without --sdm the locked environment is used; the line tells a container user where to start.
container: "docker://python:3.11-slim"


configfile: workflow.source_path("config.yaml")


try:
    check_config(config)
    PLAN = Plan(config, Path(workflow.basedir))
    config.update(PLAN.config)
    LEFT.begin(*PLAN.given_places())
except InputError as error:
    raise WorkflowError(str(error)) from None

# Asked for by name: without that, a run whose displays are all there would find nothing to do.
SIMULATE_ANEW = []
if PLAN.source == "synthetic" and workflow.is_main_process:
    simulated = (Path(PLAN.extracts), Path(PLAN.extract_files()[0]))
    if forget_if_changed(*simulated):
        print("a simulated extract is missing or was changed: they will be simulated anew", file=sys.stderr)
    SIMULATE_ANEW = unlisted(*simulated)

# After the plan: to find what an own file of Stata or SPSS holds takes pandas.
do_without_frames()
keep_what_is_loaded()


# A run that finds nothing to do ends without a word to anyone else.
atexit.register(LEFT.end_if_idle)

# What stood there before the run, so that its last words speak of this run alone.
BEFORE = {}


onstart:
    forget()
    if not getattr(workflow, "local_exec", False):
        went_away()
    BEFORE.update(written(PLAN.watched()))
    seclude(PRIVATE, ".snakemake/backups")
    if PLAN.left_out():
        print(f"source: {PLAN.source} cannot feed {', '.join(PLAN.left_out())}", file=sys.stderr)
    sys.stderr.write("".join(f"{line}\n" for line in PLAN.supply_lines()))
    if PLAN.without_details():
        print(
            f"{', '.join(PLAN.without_details())} left out: the StatBank files have no statuses within the three groups "
            "(11, 15, 05, 31, ...); save them with all statuses, or name no file and they are fetched",
            file=sys.stderr,
        )


onsuccess:
    close(PRIVATE)
    LEFT.end()
    now, verdict = written(PLAN.watched()), PLAN.place("verdict")
    lines = closing_lines(BEFORE, now, PLAN.display_files(), verdict, PLAN.console_language)
    print("\n".join(lines), end="\n" if lines else "", file=sys.stderr)


# What was read while another file stopped the run is read again by the next.
onerror:
    shutil.rmtree(Path(PRIVATE, WAITING), ignore_errors=True)
    close(PRIVATE)


wildcard_constraints:
    language="nb|en",


include: "workflow/rules/extracts.smk"
include: "workflow/rules/check.smk"
include: "workflow/rules/following.smk"
include: "workflow/rules/panel.smk"
include: "workflow/rules/models.smk"
include: "workflow/rules/moments.smk"
include: "workflow/rules/displays.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/documents.smk"
include: "workflow/rules/release.smk"
include: "workflow/rules/review.smk"
include: "workflow/rules/calibration.smk"
include: "workflow/rules/benchmark.smk"
include: "workflow/rules/reference.smk"


rule all:
    """Every display of the source in use, the report, models and panel, the records of release, audit and manifest."""
    default_target: True
    input:
        PLAN.targets(),
        # The manifest is made from them; named here too, so that one that was deleted is made again.
        PLAN.models,
        SIMULATE_ANEW,
        released.AUDIT,
        released.record_files(PLAN),
        PLAN.manifest,


rule displays:
    """Every display of the source in use, without the report."""
    input:
        PLAN.batch_files(PLAN.displays),
