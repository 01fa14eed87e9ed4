"""Too little memory and full disks end with a message that says what was needed, what there was and what to change."""

import errno
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest
from introprog import shortage
from introprog.errors import InputError, reported
from introprog.readers.raw import RawFile
from introprog.readers.sources import contents

SCRIPTS = Path(shortage.__file__).parents[1]


def run(program: str, folder: Path) -> subprocess.CompletedProcess:
    """A process of its own, since its limits cannot be raised again."""
    environment = {**os.environ, "PYTHONPATH": str(SCRIPTS), "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env=environment)


def test_too_little_memory_in_numpy_and_arrow(tmp_path):
    for what in ("import numpy as n; n.ones(10**9)", "import pyarrow as p; p.allocate_buffer(8 * 10**9)"):
        module = what.split(";")[0]
        program = (
            f"{module}\nimport resource\nfrom introprog.errors import reported\n"
            "resource.setrlimit(resource.RLIMIT_AS, (3 * 10**9, 3 * 10**9))\n"
            f"with reported('rule.log'):\n    {what}\n"
        )
        ended = run(program, tmp_path)
        assert ended.returncode == 1 and "Traceback" not in ended.stderr, ended.stderr
        assert "memory [X1]: too little memory: the job held" in ended.stderr
        assert "needed more (" in ended.stderr and "ulimit -v, mem_mb" in ended.stderr
        assert "[X1]" in (tmp_path / "rule.log").read_text(encoding="utf-8")


def test_an_extract_larger_than_memory_is_told_before_it_is_read(tmp_path):
    with open(tmp_path / "ameld_2015.csv", "wb") as stream:
        stream.truncate(2 * 10**9)
    program = (
        "import resource\nfrom pathlib import Path\nfrom introprog.errors import reported\n"
        "from introprog.readers.raw import RawFile\nfrom introprog.readers.sources import contents\n"
        "resource.setrlimit(resource.RLIMIT_AS, (4 * 10**9, 4 * 10**9))\n"
        "with reported():\n    contents(RawFile(Path('ameld_2015.csv')))\n"
    )
    ended = run(program, tmp_path)
    assert ended.returncode == 1 and "Traceback" not in ended.stderr, ended.stderr
    assert "ameld_2015.csv [X1]: larger than memory: reading it takes about 10,000 MB" in ended.stderr
    assert "--cores 1" in ended.stderr


def test_a_file_that_fits_is_read(tmp_path, monkeypatch):
    (tmp_path / "a.csv").write_bytes(b"x" * 1000)
    monkeypatch.setattr(shortage, "available_memory", lambda: 1000 * shortage.READING)
    assert len(contents(RawFile(tmp_path / "a.csv"))) == 1000
    monkeypatch.setattr(shortage, "available_memory", lambda: 1000 * shortage.READING - 1)
    with pytest.raises(InputError, match="larger than memory"):
        contents(RawFile(tmp_path / "a.csv"))
    monkeypatch.setattr(shortage, "available_memory", lambda: None)
    assert len(contents(RawFile(tmp_path / "a.csv"))) == 1000


def test_the_least_of_machine_container_and_limit_counts(tmp_path, monkeypatch):
    (tmp_path / "meminfo").write_text("MemTotal: 9 kB\nMemAvailable:    5000 kB\n", encoding="ascii")
    monkeypatch.setattr(shortage, "MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(shortage, "CGROUP", tmp_path)
    assert shortage.available_memory() == 5000 * 1024
    (tmp_path / "memory.max").write_text("3000000\n", encoding="ascii")
    (tmp_path / "memory.current").write_text("1000000\n", encoding="ascii")
    assert shortage.available_memory() == 2000000
    (tmp_path / "memory.stat").write_text("inactive_file 300000\nactive_file 200000\nanon 7\n", encoding="ascii")
    assert shortage.available_memory() == 2500000
    (tmp_path / "memory.max").write_text("max\n", encoding="ascii")
    assert shortage.available_memory() == 5000 * 1024


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk(capsys):
    with pytest.raises(SystemExit), reported("/dev/full"), open("/dev/full", "w", encoding="utf-8") as stream:
        stream.write("x" * 100000)
    told = capsys.readouterr().err
    assert "[X2]: the disk or the quota is full" in told
    assert "expected: 0.3 GB for results/" in told and "--directory" in told


def test_a_full_disk_under_parquet(tmp_path):
    program = (
        "import resource, numpy as n, pyarrow as p\nfrom introprog.errors import reported\n"
        "from introprog.tabular import write_arrow\nresource.setrlimit(resource.RLIMIT_FSIZE, (10**5, 10**5))\n"
        "with reported():\n    write_arrow(p.table({'a': n.random.default_rng(1).random(10**6)}), 'a.parquet')\n"
    )
    ended = run(program, tmp_path)
    assert ended.returncode == 1 and "Traceback" not in ended.stderr, ended.stderr
    assert "[X2]: a file is larger than the limit of 0 MB a file" in ended.stderr and "ulimit -f" in ended.stderr


def test_other_faults_are_no_shortage(capsys):
    assert shortage.shortage(OSError(errno.EIO, "broken")) is None
    with pytest.raises(SystemExit), reported():
        Path("no such file").read_text(encoding="utf-8")
    told = capsys.readouterr().err
    assert "FileNotFoundError" in told and "[X" not in told


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library keeps what is freed by its own rule")
def test_freed_memory_between_small_things_that_stay_is_given_back(tmp_path):
    program = (
        "import numpy as np\n"
        "from introprog.shortage import give_back\n"
        "def held(): return int(open('/proc/self/statm').read().split()[1]) * 4096 / 1e6\n"
        "first = np.ones(31 << 17); del first\n"
        "large, small = [], []\n"
        "for n in range(20): large.append(np.ones(1 << 20)); small.append(np.ones(1000))\n"
        "full = held(); large.clear(); give_back(); print(full - held(), sum(map(len, small)))\n"
    )
    ended = run(program, tmp_path)
    assert float(ended.stdout.split()[0]) > 100, ended.stderr


def test_a_writer_that_does_not_say_why_it_could_not_write():
    class ReadstatError(Exception):
        pass

    problem = shortage.shortage(ReadstatError("Unable to write data"))
    assert "the disk or the quota is full" in problem.what and problem.rule == "X2"
    assert shortage.shortage(ReadstatError("Invalid file, or file has unsupported features")) is None
