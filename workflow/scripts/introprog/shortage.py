"""Too little memory or room on disk, told as what was needed, what there was and what to change.

The kernel may also end a process without a word when all memory is used; ``check_room`` is asked before a large file
is read, so that the message comes first, and ``give_back`` after it, so that there is room for the next.
"""

import errno
import os
import re
import resource
import shutil
import sys
from pathlib import Path

from introprog.errors import InputError, Problem

MEGABYTE = 1e6
# Bytes of memory for a byte of text while a file is read: the text itself, its columns, and their coded form.
READING = 5
FULL = (errno.ENOSPC, errno.EDQUOT)
MEMINFO = Path("/proc/meminfo")
CGROUP = Path("/sys/fs/cgroup")


def available_memory() -> int | None:
    """Bytes that this process can still get: of the machine, its container and its own limit; None where unknown."""
    known = [found for found in (_of_machine(), _of_container(), _of_limit()) if found is not None]
    return max(0, min(known)) if known else None


def _of_machine() -> int | None:
    match = re.search(r"^MemAvailable:\s+(\d+) kB", _text(MEMINFO), re.M)
    return int(match[1]) * 1024 if match else None


def _of_container() -> int | None:
    limit, used = (_text(CGROUP / name).strip() for name in ("memory.max", "memory.current"))
    if not (limit.isdigit() and used.isdigit()):
        return None
    # files that the kernel keeps at hand count as used, but are given up when memory is asked for
    files = re.findall(r"^(?:in)?active_file (\d+)$", _text(CGROUP / "memory.stat"), re.M)
    return int(limit) - int(used) + sum(map(int, files))


def _of_limit() -> int | None:
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit == resource.RLIM_INFINITY:
        return None
    pages = _text(Path("/proc/self/statm")).split()
    return limit - (int(pages[0]) * resource.getpagesize() if pages else 0)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except OSError:
        return ""


def check_room(file: str, size: int) -> None:
    """Raise ``InputError`` when reading ``size`` bytes of the text file ``file`` takes more memory than there is."""
    needed, there = READING * size, available_memory()
    if there is None or needed <= there:
        return
    what = f"larger than memory: reading it takes about {_mb(needed)}, and {_mb(there)} are free"
    hint = (
        "end other programs or run fewer jobs at once (--cores 1), give the run a machine with more memory, or cut the"
        " file into parts and set `file` with {year} or * in its codebook"
    )
    raise InputError([Problem(file, "X1", what, expected=f"at most {_mb(there / READING)} of text", hint=hint)])


def give_back() -> None:
    """Return what this process has freed to the system.

    Between two large files the allocators would else keep the room of both, in pieces. Nothing happens where the C
    library has no such call.
    """
    import ctypes

    import pyarrow as pa

    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def shortage(error: BaseException) -> Problem | None:
    """The problem that ``error`` tells of, when it is one of memory or disk; else None."""
    if isinstance(error, MemoryError):
        return _memory(error)
    if isinstance(error, OSError) and error.errno in (*FULL, errno.EFBIG):
        return _disk(error)
    if type(error).__name__ == "ReadstatError" and "Unable to write" in str(error):
        # pyreadstat does not say why it could not write, and for want of room it is
        return _disk(OSError(errno.ENOSPC, str(error)))
    return None


def _memory(error: MemoryError) -> Problem:
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    there = available_memory()
    asked = f" ({str(error).splitlines()[0]})" if str(error) else ""
    free = "unknown" if there is None else _mb(there)
    what = f"too little memory: the job held {_mb(held)} and needed more{asked}; free: {free}"
    hint = (
        "end other programs, run fewer jobs at once (--cores 1), or give the job more memory (a limit of the shell or"
        " queue: ulimit -v, mem_mb); then start again: what is finished is kept"
    )
    return Problem("memory", "X1", what, expected=f"more than {_mb(held)} for this job", hint=hint)


def _disk(error: OSError) -> Problem:
    named = Path(os.fsdecode(error.filename)) if isinstance(error.filename, str | bytes) else Path()
    folder = next((p for p in (named, *named.parents) if p.is_dir()), Path())
    free = shutil.disk_usage(folder).free
    if error.errno == errno.EFBIG:
        what = f"a file is larger than the limit of {_mb(resource.getrlimit(resource.RLIMIT_FSIZE)[0])} a file"
        hint = "raise the limit (ulimit -f); then start again: what is finished is kept"
        return Problem(named.name or "disk", "X2", what, hint=hint)
    what = f"the disk or the quota is full: {_mb(free)} are free where the results are written"
    hint = "make room, or run in a folder on another disk (--directory); then start again: what is finished is kept"
    expected = "0.3 GB for results/ at national size, and as much as the raw files for simulated extracts"
    return Problem(named.name or "disk", "X2", what, expected, hint)


def _mb(size: float) -> str:
    return f"{size / MEGABYTE:,.0f} MB"
