"""A run that fetches table 10824 from a service on this machine: interrupted, resumed, then without any network."""

import json
import re

import pytest
from conftest import snakemake
from introprog.statbank import read_statbank
from introprog.tabular import read_table
from pandas.testing import assert_frame_equal
from pxweb_server import FILES, PxWeb, Table, real_cells, serving

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.skipif(not all(f.is_file() for f in FILES), reason="the real extracts are not beside the project"),
]
REGION_STATUS = "results/private/panel/region_status.parquet"


def test_a_fetch_is_resumed_and_draws_without_network_afterwards(tmp_path, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")

    def run(*targets):
        return snakemake(tmp_path, "--cores", "1", "--configfile", str(tmp_path / "statbank.yaml"), "--", *targets)

    service = PxWeb(Table(real_cells(), extra=("N01",)), max_cells=20_000)
    with serving(service):
        config = {"source": "statbank", "statbank": {"url": service.url.rsplit("/", 1)[0], "pause_seconds": 0.01}}
        (tmp_path / "statbank.yaml").write_text(json.dumps(config), encoding="utf-8")
        service.faults = [None, None, "busy_for_long"]
        failed = run(REGION_STATUS)
        assert failed.returncode != 0 and "Traceback" not in failed.stdout
        assert "asks to wait 3,600 seconds" in failed.stdout and "what came is kept" in failed.stdout
        assert len(service.queries) == 3
        service.queries.clear()
        done = run(REGION_STATUS)
        assert done.returncode == 0, done.stdout[-5000:]
        assert len(service.queries) == 8, "one of nine pieces was there: six of municipalities, three of counties"
    pieces = sorted(p.name for p in (tmp_path / "data/raw/statbank/10824").iterdir())
    assert len(pieces) == 7 and "extraction.json" in pieces
    assert_frame_equal(
        read_table(tmp_path / REGION_STATUS), read_statbank(FILES, displaced_rows="withdraw")[0], check_dtype=False
    )
    offline = run("results/figures/F-B2_en.svg")
    assert offline.returncode == 0, offline.stdout[-5000:]
    drawing = (tmp_path / "results/figures/F-B2_en.svg").read_text(encoding="utf-8")
    text = " ".join(re.findall(r"<!-- (.*?) -->", drawing))
    assert "table updated 2020-06-18; extracted 2020-09-13" in text
