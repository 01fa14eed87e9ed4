"""Write the SAS files of this folder: the hand-written extracts of raw_extracts.py, with dates as SAS dates.

No package for Python writes this format, so ReadStat's own library does (Debian: libreadstat1; MIT licence):
PYTHONPATH=workflow/scripts:tests/unit python tests/unit/sas7bdat/make_files.py
"""

import ctypes
import tempfile
from pathlib import Path

import pandas as pd
from extract_formats import typed_frame
from raw_extracts import CODEBOOK, write_extracts

FILES = ("demografi", "bosted", "inntekt", "nir_deltakere", "ameld_2018")
STRING, DOUBLE = 0, 5
EPOCH = pd.Timestamp(1960, 1, 1)
WRITER = ctypes.CFUNCTYPE(ctypes.c_ssize_t, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p)


def library() -> ctypes.CDLL:
    """ReadStat with the types of the calls used here."""
    readstat = ctypes.CDLL("libreadstat.so.1")
    pointer, text = ctypes.c_void_p, ctypes.c_char_p
    readstat.readstat_writer_init.restype = pointer
    readstat.readstat_add_variable.restype = pointer
    readstat.readstat_set_data_writer.argtypes = [pointer, WRITER]
    readstat.readstat_writer_set_file_timestamp.argtypes = [pointer, ctypes.c_long]
    readstat.readstat_add_variable.argtypes = [pointer, text, ctypes.c_int, ctypes.c_size_t]
    readstat.readstat_variable_set_format.argtypes = [pointer, text]
    readstat.readstat_begin_writing_sas7bdat.argtypes = [pointer, pointer, ctypes.c_long]
    readstat.readstat_insert_double_value.argtypes = [pointer, pointer, ctypes.c_double]
    readstat.readstat_insert_string_value.argtypes = [pointer, pointer, text]
    readstat.readstat_insert_missing_value.argtypes = [pointer, pointer]
    for name in ("begin_row", "end_row", "end_writing", "writer_free"):
        getattr(readstat, f"readstat_{name}").argtypes = [pointer]
    return readstat


def write_sas(frame: pd.DataFrame, path: Path) -> None:
    """One data set: texts as characters, numbers as numbers, days as SAS dates with the format DATE9."""
    readstat, data = library(), bytearray()
    sink = WRITER(lambda start, size, _: data.extend(ctypes.string_at(start, size)) or size)
    writer = readstat.readstat_writer_init()
    readstat.readstat_set_data_writer(writer, sink)
    readstat.readstat_writer_set_file_timestamp(writer, 0)
    variables = {}
    for name, values in frame.items():
        text = values.dtype.kind not in "iufM"
        width = max(1, int(values.dropna().astype(str).str.encode("utf-8").str.len().max() or 1)) if text else 0
        variables[name] = readstat.readstat_add_variable(writer, name.encode(), STRING if text else DOUBLE, width)
        if values.dtype.kind == "M":
            readstat.readstat_variable_set_format(variables[name], b"DATE9")
    readstat.readstat_begin_writing_sas7bdat(writer, None, len(frame))
    for row in frame.itertuples(index=False):
        readstat.readstat_begin_row(writer)
        for variable, value in zip(variables.values(), row, strict=True):
            if pd.isna(value):
                readstat.readstat_insert_missing_value(writer, variable)
            elif isinstance(value, str):
                readstat.readstat_insert_string_value(writer, variable, value.encode("utf-8"))
            else:
                number = (value - EPOCH).days if isinstance(value, pd.Timestamp) else float(value)
                readstat.readstat_insert_double_value(writer, variable, number)
        readstat.readstat_end_row(writer)
    readstat.readstat_end_writing(writer)
    readstat.readstat_writer_free(writer)
    path.write_bytes(bytes(data))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        folder = write_extracts(Path(scratch) / "raw")
        for stem in FILES:
            extract = CODEBOOK.extracts[stem.removesuffix("_2018")]
            write_sas(typed_frame(folder / f"{stem}.csv", extract), Path(__file__).parent / f"{stem}.sas7bdat")
