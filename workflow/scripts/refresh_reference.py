"""Put what R says now in the place of the committed results."""

import shutil
from pathlib import Path

for path in snakemake.input.found:
    shutil.copyfile(path, Path(snakemake.params.folder) / Path(path).name)
