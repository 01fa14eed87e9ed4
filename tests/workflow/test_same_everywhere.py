"""Nothing of the surroundings gets into a result: one run with everything odd at once against the plain one."""

import pytest
from matrix.run_matrix import DESIGN, Finding, Setting, cells, compare, locale_exists, page, read_only, verdict
from matrix.studies import SMALL, checksums, copy_project, digest, run, unequal

LOCALE = "tr_TR.UTF-8" if locale_exists("tr_TR.UTF-8") else "C"
# From registers and surveys, a figure and tables, and published figures; the long form is tests/matrix/run_matrix.py.
STUDY = f"{SMALL}displays: [T-A5, F-B2-published, F-C4, T-F4]\n"


@pytest.mark.heavy
def test_locale_time_zone_hash_seed_and_place_change_no_byte(tmp_path):
    plain = tmp_path / "plain"
    done = run(plain, "--cores", "2", changes=STUDY)
    assert done.returncode == 0, done.stdout[-3000:]
    checkout = copy_project(tmp_path / "et sted på øya" / "intro")
    folder = tmp_path / "et sted på øya" / "min studie"
    odd = {"LC_ALL": LOCALE, "TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "random"}
    with read_only(checkout) as enforced:
        if not enforced:
            pytest.skip("this system does not let a folder be made read-only")
        done = run(folder, "--cores", "1", checkout=checkout, environment=odd, changes=STUDY)
    assert done.returncode == 0, done.stdout[-3000:]
    made = checksums(plain)
    assert {"figures/F-C4_nb.svg", "tables/T-F4_nb.docx", "private/outcomes/outcomes.parquet"} <= set(made)
    assert unequal(checksums(folder), made) == []
    assert digest(folder) == digest(plain) != ""


def test_every_level_of_the_matrix_stands_in_two_rows_or_more():
    for factor in Setting.__dataclass_fields__:
        levels = [getattr(row, factor) for row in DESIGN]
        scarce = {level for level in levels if levels.count(level) < 2} - {"checkout", "UTC"}
        assert not scarce, factor
    assert {row.python for row in DESIGN} == {"3.11", "3.12", "3.13"} and {row.cores for row in DESIGN} == {1, 2, 4}


def _study(folder, number):
    (folder / "results").mkdir(parents=True)
    (folder / "results/table.csv").write_text(f"share\n{number}\n", encoding="utf-8")
    (folder / "results/figure.svg").write_text("<svg/>", encoding="utf-8")
    (folder / "results/manifest.json").write_text(
        '{"digest": "d", "run": {"packages": {"scipy": "1.0"}}}', encoding="utf-8"
    )
    return folder


def test_a_number_and_a_byte_that_differ_are_told_apart(tmp_path):
    class Done:
        returncode = 0

    first, other = _study(tmp_path / "a", 0.5), _study(tmp_path / "b", 0.5)
    assert verdict(compare(DESIGN[0], (other, Done), first, 1.0)) == ("equal", "equal")
    (other / "results/figure.svg").write_text("<svg />", encoding="utf-8")
    assert verdict(compare(DESIGN[0], (other, Done), first, 1.0)) == ("equal", "1 of 2 files differ")
    (other / "results/table.csv").write_text("share\n0.50001\n", encoding="utf-8")
    found = compare(DESIGN[0], (other, Done), first, 1.0)
    assert found.numbers == found.beyond == ["table.csv"] and verdict(found)[0] == "1 tables differ"
    assert "`figure.svg`" in page([found]) and "| " + " | ".join(cells(found)) + " |" in page([found])


def test_another_version_of_a_package_may_change_the_last_digits_and_is_named(tmp_path):
    class Done:
        returncode = 0

    first, other = _study(tmp_path / "a", 0.5), _study(tmp_path / "b", 0.50000001)
    found = compare(DESIGN[0], (other, Done), first, 1.0)
    assert found.numbers == ["table.csv"] and found.beyond == [] and found.packages == []
    assert verdict(found) == ("equal within tolerance", "1 of 2 files differ") and "the same" in cells(found)
    newer = '{"digest": "e", "run": {"packages": {"numpy": "3.0", "scipy": "1.0"}}}'
    (other / "results/manifest.json").write_text(newer, encoding="utf-8")
    found = compare(DESIGN[0], (other, Done), first, 1.0)
    assert found.packages == ["numpy 3.0"] and "numpy 3.0" in cells(found)
    assert "the same in all rows with the same packages" in page([found, compare(DESIGN[0], (first, Done), first, 1.0)])


def test_what_could_not_be_tried_is_said():
    assert verdict(Finding(DESIGN[0], left_out="no Python 3.13 was found")) == ("not tried", "no Python 3.13 was found")


def test_a_read_only_folder_takes_no_file(tmp_path):
    folder = tmp_path / "closed"
    folder.mkdir()
    with read_only(folder) as enforced:
        if not enforced:
            pytest.skip("this system does not let a folder be made read-only")
        with pytest.raises(OSError):
            (folder / "x").write_text("x")
    (folder / "x").write_text("x")
