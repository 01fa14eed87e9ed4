"""By which instructions a processor computes here: two that differ may round the last digit of a number differently."""

import ctypes
from pathlib import Path

import numpy as np

CORE = "scipy_openblas_get_corename64_"


def instructions() -> str:
    """The kernels that OpenBLAS has chosen for this processor, and the sets of instructions that numpy uses beyond
    those of every one."""
    found = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    return " ".join([_openblas() or "unknown", *found])


def _openblas() -> str:
    """Empty where numpy was not installed with an OpenBLAS of its own."""
    for path in sorted((Path(np.__file__).parents[1] / "numpy.libs").glob("libscipy_openblas64_*")):
        ask = getattr(ctypes.CDLL(str(path)), CORE, None)
        if ask is not None:
            ask.restype = ctypes.c_char_p
            return ask().decode("ascii")
    return ""
