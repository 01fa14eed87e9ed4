"""Person-level files stay where only their owner can read them, also the copies that a running job keeps.

Snakemake copies a file that a job is about to replace to ``.snakemake/backups``, and a run that is killed leaves the
copy there. The copies are sent to the private folder instead.
"""

import os
import shutil
from pathlib import Path

FOLDER, FILE = 0o700, 0o600


def seclude(private: str | Path, backup: str | Path) -> None:
    """Make the folder ``private`` if need be, close it and all in it to others, and let ``backup`` lead into it.

    Rights are only taken away, never given, so that a stricter umask holds. What a killed run left in ``backup`` is
    moved along.
    """
    private, backup = Path(private), Path(backup)
    private.mkdir(mode=FOLDER, parents=True, exist_ok=True)
    close(private)
    inside = private / "backup"
    if backup.is_dir() and not backup.is_symlink():
        shutil.rmtree(inside, ignore_errors=True)
        shutil.move(backup, inside)
    inside.mkdir(mode=FOLDER, exist_ok=True)
    if not backup.is_symlink():
        backup.parent.mkdir(parents=True, exist_ok=True)
        backup.symlink_to(os.path.relpath(inside, backup.parent), target_is_directory=True)
    close(inside)


def close(folder: str | Path) -> None:
    """Take the rights of group and others from a folder and all in it; links are not followed."""
    for place, folders, files in os.walk(folder):
        _limit(place, FOLDER)
        for name in files:
            if not os.path.islink(path := os.path.join(place, name)):
                _limit(path, FILE)
        folders.sort()


def _limit(path: str, most: int) -> None:
    mode = os.stat(path).st_mode & 0o777
    if mode & ~most:
        os.chmod(path, mode & most)
