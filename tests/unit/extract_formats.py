"""The hand-written extracts in every format that a statistical office or a colleague may send them in."""

import gzip
import zipfile
from pathlib import Path

import pandas as pd
from introprog.codebook import Codebook, Extract
from introprog.readers.extracts import read_raw
from introprog.readers.files import locate


def typed_frame(path: Path, extract: Extract) -> pd.DataFrame:
    """One raw file with the types that a statistical package would give it: dates, months and numbers as such."""
    from introprog.readers.raw import RawFile

    frame = read_raw(RawFile(path), extract).table.to_pandas()
    for source, column in extract.columns.items():
        if column.type == "date" and column.format == "iso":
            frame[source] = pd.to_datetime(frame[source])
        elif column.type in ("month", "integer"):
            frame[source] = pd.to_numeric(frame[source])
        elif column.type == "number":
            frame[source] = pd.to_numeric(frame[source].str.replace(",", "."))
    return frame


def write_excel(frame: pd.DataFrame, path: Path) -> None:
    """A plain workbook (Office Open XML), one sheet: texts as texts, numbers as numbers, days as day numbers."""
    from xml.sax.saxutils import escape

    def cell(value) -> str:
        if value is None or value is pd.NaT or value != value:
            return "<c/>"
        if isinstance(value, pd.Timestamp):
            return f'<c s="1"><v>{(value - pd.Timestamp(1899, 12, 30)).days}</v></c>'
        if isinstance(value, str):
            return f'<c t="inlineStr"><is><t>{escape(value)}</t></is></c>'
        return f"<c><v>{value!r}</v></c>" if isinstance(value, float) else f"<c><v>{value}</v></c>"

    rows = [list(frame.columns), *frame.astype(object).to_numpy().tolist()]
    body = "".join("<row>" + "".join(map(cell, row)) + "</row>" for row in rows)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    sheet_type = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    files = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{sheet_type}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{sheet_type}.styles+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{sheet_type}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        '<sheet name="Ark1" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{office}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{main}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/>'
        "</cellXfs></styleSheet>",
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{body}</sheetData></worksheet>',
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>{text}')


def _statistical(writer: str, **options):
    def write(frame: pd.DataFrame, path: Path) -> None:
        import pyreadstat

        days = frame.copy()
        for name in days.columns[days.dtypes.map(lambda d: d.kind == "M")]:
            days[name] = [None if pd.isna(v) else v.date() for v in days[name]]
        getattr(pyreadstat, writer)(days, str(path), **options)

    return write


def _zip_of_parquet(frame: pd.DataFrame, path: Path) -> None:
    inner = path.with_suffix(".parquet")
    frame.to_parquet(inner)
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(inner, "delivery/data.parquet")
    inner.unlink()


def _gzip_of_stata(frame: pd.DataFrame, path: Path) -> None:
    inner = path.with_suffix("")
    WRITERS[".dta"](frame, inner)
    path.write_bytes(gzip.compress(inner.read_bytes(), mtime=0))
    inner.unlink()


WRITERS = {
    ".parquet": lambda frame, path: frame.to_parquet(path),
    ".dta": _statistical("write_dta"),
    ".sav": _statistical("write_sav"),
    ".zsav": _statistical("write_sav", compress=True),
    ".xpt": _statistical("write_xport", table_name="DATA"),
    ".xlsx": write_excel,
    ".zip": _zip_of_parquet,
    ".dta.gz": _gzip_of_stata,
}


def convert_folder(folder: Path, codebook: Codebook, suffix: str, last_year: int) -> None:
    """Replace every raw file of ``folder`` by the same content in another format."""
    for extract in codebook.extracts.values():
        if extract.name.startswith("survey"):
            continue
        for file in locate(folder, extract, last_year):
            frame = typed_frame(file.path, extract)
            file.path.unlink()
            WRITERS[suffix](frame, file.path.with_name(file.path.stem + suffix))


def rewrite_text(folder: Path, codebook: Codebook, last_year: int, separator: str, decimal: str, encoding: str) -> None:
    """Replace every delimited file by the same content with other separator, decimal mark and encoding."""
    for extract in codebook.extracts.values():
        if extract.name.startswith("survey") or extract.line_width:
            continue
        for file in locate(folder, extract, last_year):
            text = file.path.read_bytes().decode(extract.encoding)
            if decimal == ".":
                text = "\n".join(
                    ";".join(cell.replace(",", ".") for cell in line.split(";")) for line in text.split("\n")
                )
            file.path.write_bytes(text.replace(";", separator).encode(encoding))
