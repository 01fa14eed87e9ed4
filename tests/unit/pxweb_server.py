"""A PxWeb service on this machine: table 10824 with real figures or small made-up ones, and faults on demand."""

import csv
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import product
from math import prod
from pathlib import Path

REAL = Path(__file__).resolve().parents[2] / ".." / "shared" / "real"
FILES = [REAL / f"intro_status_arbutd-{level}-2011_2013.csv" for level in ("fylke", "kommune")]
HORIZON = {"ettaar": "01", "toaar": "02", "treaar": "03", "fireaar": "04", "femaar": "05"}
SEX = {"alle": "0", "1": "1", "0": "2"}
STATUS = {"alle": "00", "arbutd": "1", "ledig.tiltak": "2", "annet": "3"}
HEADING = r"avslutta\.(\w+)_kjonn\.(\w+)_avslutning\.status\.4\.([\w.]+)_aar\.(\d+)_enhet\.personer"
CONTENTS = {"DeltakereProg": "Deltakere, bosted ved programdeltakelse", "DeltakereProg1": "Prosent"}
DAY = 1_600_000_000  # 13 September 2020, so that no test depends on today


def real_cells() -> dict[tuple[str, ...], str]:
    """Printed cells of the real extracts by (region, sex, horizon, status, contents, year)."""
    cells = {}
    for path, width in zip(FILES, (2, 4)):
        with path.open(encoding="utf-8") as stream:
            heading, *rows = csv.reader(stream, delimiter=";")
        for i, name in enumerate(heading):
            if match := re.fullmatch(HEADING, name):
                horizon, sex, status, year = match.groups()
                for row in rows:
                    region = "0" if row[0] == "0" else row[0].zfill(width)
                    key = (region, SEX[sex], HORIZON[horizon], STATUS[status], "DeltakereProg", year)
                    cells[key] = row[i]
    return cells


def made_up_cells(regions: int = 6, years: tuple[str, ...] = ("2014", "2015")) -> dict[tuple[str, ...], str]:
    """Cells in which every figure tells its place: a mix-up of codes or years cannot go unseen."""
    codes = ["0", "01", *(f"01{i:02d}" for i in range(1, regions - 1))]
    names = [codes, ["0", "1", "2"], list(HORIZON.values()), list(STATUS.values()), ["DeltakereProg"], list(years)]
    return {key: ":" if i % 7 == 3 else str(i) for i, key in enumerate(product(*names))}


class Table:
    """A table as PxWeb describes and gives it."""

    ids = ("Region", "Kjonn", "IntroAvbrudd", "Arbeidsmarkedsstatus", "ContentsCode", "Tid")

    def __init__(self, cells: dict[tuple[str, ...], str], updated: str = "2020-06-18T06:00:00Z", extra: tuple = ()):
        self.cells, self.updated = cells, updated
        self.codes = {name: sorted({key[i] for key in cells}) for i, name in enumerate(self.ids)}
        self.codes["Region"] = [*self.codes["Region"], *extra]

    def metadata(self) -> dict:
        variables = [{"code": n, "text": n.lower(), "values": c, "valueTexts": c} for n, c in self.codes.items()]
        return {"title": "10824: Tidligere deltakere i introduksjonsprogrammet", "variables": variables}

    def answer(self, asked: dict[str, list[str]]) -> dict:
        codes = {name: [c for c in self.codes[name] if c in asked[name]] for name in self.ids}
        printed = [self.cells.get(key, ".") for key in product(*codes.values())]
        marks = {str(i): text for i, text in enumerate(printed) if not text.isdigit()}
        return {
            "version": "2.0",
            "class": "dataset",
            "label": "10824: Tidligere deltakere",
            "source": "Statistisk sentralbyrå",
            "updated": self.updated,
            "id": list(self.ids),
            "size": [len(c) for c in codes.values()],
            "dimension": {
                name: {
                    "label": name,
                    "category": {"index": {c: i for i, c in enumerate(own)}, "label": dict(zip(own, own))},
                }
                for name, own in codes.items()
            },
            "value": [int(text) if text.isdigit() else None for text in printed],
            "status": marks,
        }


class PxWeb:
    """The service: ``faults`` are met one a POST, in order (None = answer well); ``queries`` records what was asked."""

    def __init__(self, table: Table, max_cells: int = 800_000, refusal: int = 403):
        self.table, self.max_cells, self.refusal = table, max_cells, refusal
        self.faults: list[str | None] = []
        self.queries: list[dict[str, list[str]]] = []
        self.gets = 0
        self.editions: Iterator[str] | None = None
        self.day = DAY
        self.release = threading.Event()
        self.url = ""


class _Handler(BaseHTTPRequestHandler):
    service: PxWeb

    def log_message(self, *_):
        pass

    def date_time_string(self, timestamp=None):
        return formatdate(self.service.day, usegmt=True)

    def reply(self, code: int, content: bytes, length: int | None = None, **headers: str) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content) if length is None else length))
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self):
        self.service.gets += 1
        if self.path.endswith("/10824"):
            self.reply(200, json.dumps(self.service.table.metadata()).encode())
        else:
            self.reply(404, b"<html><body>Not found</body></html>")

    def do_POST(self):
        service = self.service
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path.startswith("/moved"):
            self.reply(302, b"", Location=service.url.replace("/moved", ""))
            return
        asked = {part["code"]: part["selection"]["values"] for part in body["query"]}
        service.queries.append(asked)
        if service.editions:
            service.table.updated = next(service.editions)
        fault = service.faults.pop(0) if service.faults else None
        if fault:
            getattr(self, fault)(asked)
        elif prod(map(len, asked.values())) > service.max_cells:
            self.reply(service.refusal, b"Too many values selected")
        else:
            assert body["response"] == {"format": "json-stat2"}
            self.reply(200, json.dumps(service.table.answer(asked)).encode())

    def busy(self, _):
        self.reply(429, b"Too many requests", Retry_After="7")

    def busy_until(self, _):
        self.reply(429, b"Too many requests", Retry_After=formatdate(self.service.day + 11, usegmt=True))

    def busy_for_long(self, _):
        self.reply(429, b"Too many requests", Retry_After="3600")

    def away(self, _):
        self.reply(503, b"<html><body>Service Unavailable</body></html>")

    def wrong(self, _):
        self.reply(400, b"The request for variable 'Kjonn' has an error")

    def slow(self, asked):
        self.service.release.wait(5)

    def broken(self, asked):
        content = json.dumps(self.service.table.answer(asked)).encode()
        self.reply(200, content[: len(content) // 2])

    def cut(self, asked):
        content = json.dumps(self.service.table.answer(asked)).encode()
        self.reply(200, content[: len(content) // 2], length=len(content))
        self.close_connection = True

    def reset(self, _):
        self.close_connection = True
        self.connection.close()

    def page(self, _):
        self.reply(200, b"<!DOCTYPE html><html><body>Log on to the network</body></html>")

    def other(self, asked):
        year = [code for code in self.service.table.codes["Tid"] if code not in asked["Tid"]]
        self.reply(200, json.dumps(self.service.table.answer({**asked, "Tid": year[:1]})).encode())

    def short(self, asked):
        answer = self.service.table.answer(asked)
        self.reply(200, json.dumps({**answer, "value": answer["value"][:-1]}).encode())

    def misfit(self, asked):
        answer = self.service.table.answer(asked)
        self.reply(200, json.dumps({**answer, "size": answer["size"][::-1]}).encode())

    def described(self, _):
        self.reply(200, json.dumps(self.service.table.metadata()).encode())


@contextmanager
def serving(service: PxWeb):
    """Run ``service`` on a free port of this machine; ``service.url`` is the table's address."""
    handler = type("Handler", (_Handler,), {"service": service})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None
    service.url = f"http://127.0.0.1:{server.server_port}/api/v0/no/table/10824"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        service.release.set()
        server.shutdown()
        server.server_close()
        thread.join()
