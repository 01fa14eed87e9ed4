"""The names of a file's columns without reading its rows: what is there, before anything is asked of it."""

import gzip
import zipfile

from introprog.codebook import Extract
from introprog.readers.delimited import BOM, LONGEST_LINE, header_names
from introprog.readers.raw import RawFile
from introprog.readers.sources import contents, inner_suffix, is_packed, only_entry, stream

TEXT = (".csv", ".txt", ".tsv", "")


def column_names(file: RawFile, extract: Extract) -> list[str]:
    """The columns of one file of an extract, as its header or its metadata names them.

    A spreadsheet is read whole, and a fixed-width file has the columns of its codebook. Raises what the readers raise
    for a file that cannot be opened.
    """
    suffix = inner_suffix(file)
    if suffix in TEXT:
        return list(extract.columns) if extract.line_width else header_names(_first_line(file), extract)
    import pyarrow as pa
    import pyarrow.parquet as pq

    from introprog.readers.extracts import read_raw
    from introprog.readers.statistical import SPREADSHEETS, statistical_reader

    if suffix == ".parquet":
        return pq.read_schema(pa.BufferReader(contents(file)) if is_packed(file) else str(file.path)).names
    if suffix in SPREADSHEETS:
        return read_raw(file, extract).names
    return list(statistical_reader(suffix)(stream(file), metadataonly=True)[1].column_names)


def _first_line(file: RawFile) -> bytes:
    suffix = file.path.suffix.lower()
    if file.entry is not None or suffix == ".zip":
        with zipfile.ZipFile(file.path) as archive, archive.open(file.entry or only_entry(file.path)) as opened:
            return opened.readline(LONGEST_LINE).removeprefix(BOM)
    with gzip.open(file.path) if suffix == ".gz" else file.path.open("rb") as opened:
        return opened.readline(LONGEST_LINE).removeprefix(BOM)
