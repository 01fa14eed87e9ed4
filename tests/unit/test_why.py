"""Why a run redoes what it redoes: the reasons of a dry run in words that say what was changed."""

from introprog.why import explain, jobs

HEAD = "Building DAG of jobs...\nJob stats:\njob      count\n-----  -------\ntotal        2\n\n[Mon Nov 23 2026]\n"
PARAMS = "Params have changed since last execution: Union of exclusive params before and now across all output: "


def dry_run(*blocks: tuple[str, str, str]) -> str:
    return HEAD + "".join(
        f"rule {rule}:\n    input: results/in.csv\n    output: {outputs}\n    log: logs/x.log\n    reason: {reason} \n"
        for rule, outputs, reason in blocks
    )


def reason(text: str) -> str:
    return explain(jobs(dry_run(("some_rule", "a.csv", text))))[0][1]


def test_an_edited_module_a_new_package_and_both():
    one, other = "'code aa11, packages cc33'", "'code bb22, packages cc33'"
    assert reason(f"{PARAMS}before: {one} now: {other}") == "a module that it uses has been edited"
    newer = "'code aa11, packages dd44'"
    assert reason(f"{PARAMS}before: {one} now: {newer}") == "a package has another version"
    both = reason(f"{PARAMS}before: {one} now: 'code bb22, packages dd44'")
    assert both == "a module that it uses has been edited; a package has another version"


def test_the_display_whose_module_was_edited_is_named():
    before = "{'F-D1': 'code a1, packages c3', 'F-D5': 'code b2, packages c3'}"
    now = "{'F-D1': 'code a1, packages c3', 'F-D5': 'code b9, packages c3'}"
    assert reason(f"{PARAMS}before: {before} now: {now}") == "a module that F-D5 uses has been edited"


def test_a_choice_is_told_with_both_values_and_a_long_text_by_name_only():
    told = reason(PARAMS + "before: {'threshold': 5, 'base': 3} now: {'threshold': 6, 'base': 3}")
    assert told == "a choice or text has changed (threshold: 5 -> 6)"
    told = reason(PARAMS + f"before: {{'T-D2': {{'caption': {'old ' * 20!r}}}}} now: {{'T-D2': {{'caption': 'new'}}}}")
    assert told == "a choice or text has changed (T-D2: caption)"
    told = reason(PARAMS + "before: {'a': 1} now: {'a': 1, 'b': [1, 2]}")
    assert told == "a choice or text has changed (b added)"


def test_what_only_follows_comes_last_with_the_job_it_follows_from():
    text = dry_run(
        ("draw", "f.svg", "Input files updated by another job: m.csv"),
        ("estimate", "m.csv (update), n.csv (update)", "Updated input files: data/codebook/rules.yaml"),
    )
    assert explain(jobs(text)) == [
        ("estimate", "a file it reads has changed: data/codebook/rules.yaml"),
        ("draw", "follows from estimate"),
    ]


def test_missing_files_are_named_but_not_all_of_them():
    told = reason("Missing output files: a.csv, b.csv, c.csv, d.csv, e.csv")
    assert told == "not there (not yet, no more, or kept only during a run): a.csv, b.csv, c.csv and 2 more"


def test_an_own_reason_goes_before_what_follows_and_an_unknown_one_is_kept():
    text = "Updated input files: a.yaml; Missing output files: a.csv; Input files updated by another job: x.csv"
    assert reason(text).startswith("a file it reads has changed: a.yaml")
    assert reason("Something that a later Snakemake says: x") == "Something that a later Snakemake says: x"


def test_a_file_that_is_kept_only_during_a_run_is_no_reason_where_something_before_it_changed():
    text = dry_run(
        ("simulate", "raw.csv", "Updated input files: targets.csv"),
        ("clean", "clean.csv", "Missing output files: clean.csv; Input files updated by another job: raw.csv"),
    )
    assert explain(jobs(text))[1] == ("clean", "follows from simulate")


def test_nothing_to_be_done_has_no_reasons():
    assert explain(jobs("Building DAG of jobs...\nNothing to be done (all requested files are present).\n")) == []


def test_other_files_than_before_are_told_also_where_they_are_not_named():
    assert reason("Set of input files has changed since last execution") == "it reads other files than before"
    assert reason("Set of input files has changed since last execution: b.csv").endswith("than before: b.csv")
