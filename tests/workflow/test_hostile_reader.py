"""What somebody who takes the released files apart can find in them beyond what is printed: it should be nothing."""

import io
import json
import re
import zipfile

import pandas as pd
import pypdf
import pytest
import yaml
from conftest import ROOT, SMALL
from introprog.displays.context import Context
from introprog.displays.making import draw_to, make_numbers, make_table, read_inputs
from introprog.plan import Plan
from introprog.release import outputs as released
from introprog.release.cells import collect
from introprog.release.check import read_outputs
from introprog.tables import read_printed
from introprog.tabular import write_csv

pytestmark = pytest.mark.heavy
LANGUAGES = ("nb", "en")
NUMBER = re.compile(r"-?\d+\.\d+")
# Matplotlib names shapes by their content: a coordinate that differs in its sixth decimal gives another name.
SHAPE = re.compile(r"\b[a-z][0-9a-f]{10}\b")
PNG_TEXTS = {b"Title", b"Description"}


def merged() -> dict:
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    for key, value in yaml.safe_load(SMALL).items():
        config[key] = {**config[key], **value} if isinstance(value, dict) else value
    return config


@pytest.fixture
def plan(project, monkeypatch) -> Plan:
    monkeypatch.chdir(project)
    return Plan(merged(), project)


def told_by(frame: pd.DataFrame, path) -> pd.DataFrame:
    """What the CSV twin tells of ``frame``: every value as it is read back, in the types of ``frame``."""
    write_csv(frame, path)
    read = pd.read_csv(path, dtype=str, keep_default_na=False)
    columns = {}
    for name, old in frame.items():
        text, kind = read[name], old.dtype
        if pd.api.types.is_bool_dtype(kind):
            columns[name] = text.map({"True": True, "False": False}).astype(kind)
        elif pd.api.types.is_numeric_dtype(kind):
            columns[name] = pd.to_numeric(text.mask(text == "")).astype(kind)
        elif pd.api.types.is_object_dtype(kind):
            columns[name] = [_like(was, now) for was, now in zip(old, text, strict=True)]
        else:
            columns[name] = text.mask((text == "") & old.isna()).astype(kind)
    return pd.DataFrame(columns)


def _like(was: object, now: str) -> object:
    if isinstance(was, bool):
        return now == "True"
    return was if not isinstance(was, str) and pd.isna(was) else type(was)(now)


def shapes(path) -> tuple[str, list[float]]:
    """A picture's words and commands, and its coordinates."""
    text = path.read_text(encoding="utf-8")
    return NUMBER.sub("#", SHAPE.sub("#", text)), [float(n) for n in NUMBER.findall(text)]


def test_a_display_is_made_from_its_csv_and_nothing_else(plan, tmp_path):
    """Drawn from the file alone it is the same: no hidden number can be in a path, a label or the order of marks."""
    seen = 0
    for display in plan.displays:
        entry, blocks = plan.registry[display], plan.batch_params([display])["settings"]
        numbers = make_numbers(entry, read_inputs(plan.inputs(display)), blocks)
        if "suppressed" not in numbers or not numbers["suppressed"].any():
            continue
        seen += 1
        told, context = told_by(numbers, tmp_path / "twin.csv"), Context.of(display, entry, blocks, "en")
        assert not numbers.attrs, display
        if entry["form"] == "table":
            assert make_table(told, context) == make_table(numbers, context), display
            continue
        pictures = []
        for table in (numbers, told):
            path = tmp_path / f"{display}_en.svg"
            draw_to([str(path)], table, context)
            pictures.append(shapes(path))
        assert pictures[0][0] == pictures[1][0], display
        assert pictures[0][1] == pytest.approx(pictures[1][1], abs=1e-4), display
    assert seen > 20


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_workbook_has_no_hidden_sheet_row_name_or_text(project, language):
    found = parts((project / f"results/report/tables_{language}.xlsx").read_bytes())
    kinds = {re.sub(r"\d+", "", name.rpartition("/")[2]) for name in found}
    assert kinds <= {"[Content_Types].xml", ".rels", "workbook.xml", "workbook.xml.rels", "sheet.xml", "sheet.xml.rels",
                     "sharedStrings.xml", "styles.xml", "theme.xml", "core.xml", "app.xml"}  # fmt: skip
    text = b"".join(found.values()).decode("utf-8")
    assert not re.search(r'hidden="(1|true)"|[vV]eryHidden|<f>|<legacyDrawing|<sheet [^>]*state=', text)
    names = set(re.findall(r'<definedName name="([^"]+)"', text))
    assert names <= {"_xlnm.Print_Titles"} and "<dc:creator></dc:creator>" in text
    printed = [read_printed(path) for path in (project / "results/tables").glob(f"*_{language}.json")]
    said = {cell for table in printed for row in table.rows for cell in (row.label, *row.cells)}
    said |= {t for table in printed for t in (table.stub, *table.footer, *table.lead, *table.details)}
    shared = re.findall(r"<t[^>]*>([^<]*)</t>", found["xl/sharedStrings.xml"].decode("utf-8"))
    numbers = {text for text in shared if re.fullmatch(r"[\d\s.,:%–−\[\]()-]+", text)}
    assert numbers <= said | {":", ".", "-"}, "a number that no table prints"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_word_files_have_no_hidden_text_comment_or_former_version(project, language):
    files = [project / f"results/report/report_{language}.docx"]
    files += sorted((project / "results/tables").glob(f"*_{language}.docx"))
    for path in files:
        found = parts(path.read_bytes())
        assert not [n for n in found if re.search("comment|embed|vba|people|footnote", n, re.IGNORECASE)], path.name
        body = found["word/document.xml"].decode("utf-8")
        assert not re.search(r"<w:(vanish|del|ins|moveFrom|comment|altChunk|object)\b", body), path.name


def test_the_pdf_files_have_no_attachment_script_or_hidden_layer(project):
    pages = [*project.glob("results/report/*.pdf"), *project.glob("results/figures/*_en.pdf")]
    assert len(pages) > 20
    for path in pages:
        reader = pypdf.PdfReader(path)
        root = reader.trailer["/Root"].get_object()
        names = root["/Names"].get_object() if "/Names" in root else {}
        assert not {"/EmbeddedFiles", "/JavaScript"} & set(names), path.name
        assert not {"/OCProperties", "/AcroForm", "/OpenAction", "/AF"} & set(root), path.name
        about = {key for key in (reader.metadata or {}) if key not in ("/Title", "/Subject", "/Creator", "/Producer")}
        assert about <= {"/Keywords", "/Author", "/ModDate", "/CreationDate"}, path.name


def test_a_png_says_its_title_and_alternative_text_only(project):
    for path in project.glob("results/figures/*.png"):
        data, at, found = path.read_bytes(), 8, set()
        while at < len(data):
            length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
            if kind in (b"tEXt", b"iTXt", b"zTXt"):
                found.add(data[at + 8 : at + 8 + length].split(b"\0")[0])
            assert kind in (b"IHDR", b"IDAT", b"IEND", b"pHYs", b"PLTE", b"tRNS", b"tEXt", b"iTXt"), path.name
            at += 12 + length
        assert found <= PNG_TEXTS, path.name


def number(cell: str, language: str) -> float:
    return float(re.sub(r"\s|,", "", cell) if language == "en" else re.sub(r"\s", "", cell).replace(",", "."))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_data_inside_the_page_are_of_what_may_be_shown(project, language):
    page = (project / f"results/report/report_{language}.html").read_text(encoding="utf-8")
    assert "<!--" not in page and re.findall(r"<script[^>]*>", page) == [
        '<script type="application/json" id="town-data">', "<script>"
    ]  # fmt: skip
    data = json.loads(re.search(r'id="town-data">(.*?)</script>', page, re.DOTALL)[1])["town"]
    least, places = merged()["disclosure"]["threshold"], [*data["counties"], *data["towns"]]
    shown = [result["cells"] for place in places for result in place["results"]]
    shown += [town["cells"] for county in data["counties"] for town in county["towns"]]
    assert len(shown) > 20
    for cells in shown:
        count, share = (number(cell, language) for cell in cells[1:3])
        reached = count * share / 100
        assert count >= least and reached > least - 0.5 and count - reached > least - 0.5, cells
    closed = {code for code, _ in data["hidden"]}
    assert closed and not closed & {town["code"] for town in data["towns"]}
    around = json.dumps([[town["similar"], town["funnel"], town["dot"]] for town in data["towns"]])
    assert not [code for code in closed if f"({code})" in around]


def test_logs_and_measured_times_hold_no_result(project):
    """Logs name displays and files, and count rows of faults; a table of results is in none of them."""
    logs = sorted((project / "logs").glob("*.log"))
    assert len(logs) > 20
    for path in logs:
        lines = path.read_text(encoding="utf-8").splitlines()
        odd = [line for line in lines if not re.fullmatch(r"[FT]-\w+(-\w+)*: (kept|made \(.*\))", line)]
        assert not odd, f"{path.name}: {odd[:3]}"
    for path in (project / "logs/benchmarks").glob("*.tsv"):
        head = path.read_text(encoding="utf-8").splitlines()[0].split("\t")
        assert set(head) <= {"s", "h:m:s", "max_rss", "max_vms", "max_uss", "max_pss", "io_in", "io_out", "mean_load",
                             "cpu_time"}, path.name  # fmt: skip


def test_every_file_that_may_be_shown_has_a_record(project):
    """Nothing lies beside the private folder that no record of release answers for."""
    records = [
        yaml.safe_load(path.read_text(encoding="utf-8")) for path in (project / "results/release").glob("*.yaml")
    ]
    recorded = {file for record in records for file in record["files"]}
    lying = {str(path.relative_to(project)) for path in (project / "results").rglob("*") if path.is_file()}
    apart = ("results/private/", "results/release/")
    lying = {path for path in lying if not path.startswith(apart)}
    assert sorted(lying - recorded - {"results/manifest.json"}) == []


def test_what_is_public_is_made_without_the_private_folder(plan):
    """Pages and files for Word and Excel are written from released files; only displays and models read others."""
    sources = [*plan.report_files(), *(plan.place(name) for name in plan.report_models), *plan.report_texts()]
    sources += [path for language in LANGUAGES for path in plan.document_files(language)]
    sources += [
        path for value in plan.town_inputs().values() for path in ([value] if isinstance(value, str) else value)
    ]
    assert len(sources) > 100 and not [path for path in sources if "private" in path]


def test_no_county_is_shown_by_sex(project, plan):
    """Counties are protected with men and women together (docs/disclosure.md): apart, nobody has looked after them."""
    registry = yaml.safe_load((ROOT / "workflow/release.yaml").read_text(encoding="utf-8"))
    outputs = read_outputs([project / path for path in released.tables(plan)], project / plan.place("public_panel"))
    cells = collect(outputs, registry, released.audit_settings(plan))
    cells = cells[(cells["universe"] == "leavers") & ~cells["hidden"]]
    county, apart = cells["region"].str.fullmatch(r"\d{2}"), cells["sex"].isin(["men", "women"])
    assert county.sum() > 50 and (apart & ~county).sum() > 50
    shown = cells.loc[county & apart, "output"].unique().tolist()
    assert shown == [], "protect these first, as introprog.county_sums does for both sexes together"


AMOUNT = re.compile(r"earning|income|amount|nok|krone|belop|benefit|wyrkinnt|social_assistance|^sum|_sum")


def test_no_sum_or_mean_of_amounts_is_shown(project):
    """One would need the rules of dominance (introprog.release.dominance) first: see docs/disclosure.md."""
    tables = [
        p for p in (project / "results").rglob("*.csv") if "private" not in p.parts and p.parent.name != "release"
    ]
    tables = [path for path in tables if not path.stem.endswith(LANGUAGES)]
    seen = set()
    for path in tables:
        read = pd.read_csv(path, dtype=str, keep_default_na=False)
        assert [name for name in read.columns if AMOUNT.search(name.lower())] == [], path.name
        if "unit" in read:
            seen |= set(read["unit"])
    assert len(tables) > 100 and {"share", "persons"} <= seen and not any(map(AMOUNT.search, seen))
