"""The report of a whole run in a real browser, and pages of one municipality made by their file names."""

import hashlib
import json

import pandas as pd
import pypdf
import pytest
import yaml
from browser import CHROMIUM, chromium, opened, violations
from conftest import jobs

pytestmark = pytest.mark.heavy


def town_of(project) -> dict:
    page = (project / "results/report/report_en.html").read_text(encoding="utf-8")
    return json.loads(page.split('id="town-data">')[1].split("</script>")[0])["town"]


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium found")
@pytest.mark.parametrize(("language", "width"), [("nb", 1280), ("nb", 360), ("en", 1280), ("en", 360)])
def test_axe_finds_nothing_in_the_whole_report(project, language, width):
    code = town_of(project)["towns"][0]["code"]
    path = project / f"results/report/report_{language}.html"
    with chromium() as browser, opened(browser, path, width, f"#municipality={code}") as page:
        assert code in page.locator("#town-result h3").inner_text()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert violations(page) == []


def test_the_report_stays_of_a_size_that_can_be_sent(project):
    for path in (project / "results/report").glob("report_*.html"):
        assert path.stat().st_size < 15e6, path.name


def test_pages_are_made_for_a_municipality_and_a_county_the_same_bytes_again(project, again):
    town = town_of(project)
    codes = [town["towns"][0]["code"], town["counties"][0]["code"]]
    files = [f"results/report/municipality/{code}_{x}.pdf" for code in codes for x in ("nb", "en")]
    made = again("--", *files)
    assert made.returncode == 0, made.stdout[-3000:]
    first = {name: (project / name).read_bytes() for name in files}
    for name in files:
        reader = pypdf.PdfReader(project / name)
        assert len(reader.pages) == 1 and reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert again("--force", "--", *files).returncode == 0
    assert {name: (project / name).read_bytes() for name in files} == first


def test_every_page_has_a_record_of_its_release(project, again):
    town = town_of(project)
    codes = [town["towns"][0]["code"], town["counties"][0]["code"]]
    files = {f"municipality_{code}_nb": f"results/report/municipality/{code}_nb.pdf" for code in codes}
    assert again("--", *files.values()).returncode == 0
    audit = pd.read_csv(project / "results/release/audit.csv").set_index("output")
    for output, page in files.items():
        record = yaml.safe_load((project / f"results/release/{output}.yaml").read_text(encoding="utf-8"))
        assert (record["output"], record["kind"], record["data"]) == (output, "page", "synthetic")
        assert record["files"] == {page: hashlib.sha256((project / page).read_bytes()).hexdigest()}
        audited = [name for name in record["made_of"] if name in audit.index]
        assert audited and record["least_width"] == audit.loc[audited, "least_width"].min() >= 5
        assert record["persons"] >= record["smallest_shown"] >= 5 and "audited" in record["controls"][1]


def test_a_page_is_not_made_before_the_audit_has_passed(project, again):
    """What is asked for alone waits for the audit of everything, as it is to leave with a record."""
    code = town_of(project)["towns"][0]["code"]
    run = again("--dry-run", "--forcerun", "audit_release", "--", f"results/report/municipality/{code}_en.pdf")
    assert {"audit_release", "write_municipality"} <= jobs(run.stdout)


def test_other_numbers_end_in_a_message_without_a_trace_back(project, again):
    hidden = town_of(project)["hidden"][0]
    run = again("--keep-going", *(f"results/report/municipality/{x}_nb.pdf" for x in ("0000", hidden[0])))
    assert run.returncode != 0 and "Traceback" not in run.stdout
    assert "no municipality or county has the number '0000'" in run.stdout
    assert f"{hidden[0]} {hidden[1]} has too few former participants to be shown" in run.stdout
    assert not (project / "results/report/municipality/0000_nb.pdf").exists()
