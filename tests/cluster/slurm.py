"""A Slurm of one node on this machine, for as long as a test or a try-out lasts.

``python tests/cluster/slurm.py --cores 4 ...`` starts it, runs ``snakemake --profile profiles/slurm`` with the
arguments given, and stops it. It needs root and Debian's packages ``slurm-wlm`` and ``munge``, and a machine whose own
``/etc/slurm/slurm.conf`` it need not replace; all else that it writes lies in a temporary folder, and it listens on
this machine alone.
"""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Steps of a job look for the settings here alone.
SETTINGS = Path("/etc/slurm/slurm.conf")
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel")
CONF = """
ClusterName=study
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort=16817
SlurmdPort=16818
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CryptoType=crypto/munge
SlurmUser=root
SlurmdUser=root
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=sched_interval=5
MinJobAge=86400
JobCompType=jobcomp/none
AccountingStorageType=accounting_storage/none
NodeName={host} NodeAddr=127.0.0.1 CPUs={cores} RealMemory={memory} State=UNKNOWN
PartitionName=all Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


def lacking() -> str:
    """What keeps a Slurm from being started here; empty when nothing does."""
    absent = [name for name in PROGRAMS if shutil.which(name, path=_path()) is None]
    if absent:
        return f"not installed: {', '.join(absent)} (Debian: slurm-wlm, munge)"
    if SETTINGS.exists() or SETTINGS.is_symlink():
        return f"{SETTINGS} is there: this machine has a Slurm of its own"
    return "" if os.geteuid() == 0 else "only root can start it"


@contextmanager
def one_node(cores: int, memory_mb: int) -> Iterator[dict[str, str]]:
    """Start munge, the controller and one node; gives the environment in which its commands find them.

    Raises ``RuntimeError`` with the daemons' last words when the node is not ready after a minute.
    """
    folder = Path(tempfile.mkdtemp(prefix="slurm-", dir="/tmp"))
    os.chmod(folder, 0o755)
    environment = {**os.environ, "PATH": _path()}
    daemons: list[subprocess.Popen] = []
    try:
        _write(folder, cores, memory_mb)
        SETTINGS.parent.mkdir(exist_ok=True)
        SETTINGS.symlink_to(folder / "slurm.conf")
        for command in _commands(folder):
            with open(folder / f"{Path(command[0]).name}.out", "wb") as out:
                daemons.append(subprocess.Popen(command, env=environment, stdout=out, stderr=subprocess.STDOUT))
            time.sleep(1)
        _wait(folder, environment)
        yield environment
    finally:
        SETTINGS.unlink(missing_ok=True)
        for daemon in reversed(daemons):
            daemon.terminate()
        for daemon in daemons:
            daemon.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def _path() -> str:
    return f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


def _write(folder: Path, cores: int, memory_mb: int) -> None:
    for name in ("state", "spool"):
        (folder / name).mkdir()
    host = os.uname().nodename
    conf = CONF.format(folder=folder, host=host, cores=cores, memory=memory_mb)
    (folder / "slurm.conf").write_text(conf, encoding="utf-8")
    plugin = "cgroup/v1" if Path("/sys/fs/cgroup/memory").is_dir() else "autodetect"
    (folder / "cgroup.conf").write_text(f"CgroupPlugin={plugin}\nIgnoreSystemd=yes\n", encoding="utf-8")
    key = folder / "munge.key"
    key.write_bytes(secrets.token_bytes(128))
    key.chmod(0o400)


def _commands(folder: Path) -> list[list[str]]:
    munge = ["munged", "--foreground", "--force", f"--socket={folder}/munge.socket", f"--key-file={folder}/munge.key"]
    munge += [f"--pid-file={folder}/munge.pid", f"--log-file={folder}/munge.log", f"--seed-file={folder}/munge.seed"]
    return [munge, ["slurmctld", "-D", "-c"], ["slurmd", "-D", "-c"]]


def _wait(folder: Path, environment: dict[str, str]) -> None:
    for _ in range(60):
        asked = subprocess.run(
            ["sinfo", "-h", "-o", "%t"], env=environment, capture_output=True, text=True, check=False
        )
        if asked.stdout.strip() == "idle":
            return
        time.sleep(1)
    words = "\n".join(path.read_text(errors="replace")[-1500:] for path in sorted(folder.glob("*.[lo][ou][gt]")))
    raise RuntimeError(f"no node after a minute: {asked.stdout}{asked.stderr}\n{words}")


if __name__ == "__main__":
    if lacking():
        sys.exit(f"No Slurm can be started here: {lacking()}.")
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    with one_node(os.cpu_count() or 1, total - 1024) as slurm:
        command = [sys.executable, "-m", "snakemake", "--profile", str(ROOT / "profiles" / "slurm")]
        command += ["--slurm-status-command", "squeue", *sys.argv[1:]]
        sys.exit(subprocess.run(command, env=slurm, check=False).returncode)
