"""A small KLASS service on this machine: codes at a date and changes, and the ways in which a service fails."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse


class Klass:
    """``codes[(classification, date)]`` are (code, name); ``changes`` (date, old code and name, new code and name)."""

    def __init__(self, codes: dict, changes: list):
        self.codes, self.changes = codes, changes
        self.asked: list[str] = []
        self.failure: str | None = None

    def answer(self, path: str) -> tuple[int, bytes]:
        self.asked.append(path)
        if self.failure == "down":
            return 503, b"away"
        if self.failure == "page":
            return 200, b"<html>maintenance</html>"
        url = urlparse(path)
        query = {k: v[0] for k, v in parse_qs(url.query).items()}
        *_, classification, what = url.path.split("/")
        if what == "codesAt" and (int(classification), query["date"]) in self.codes:
            pairs = self.codes[int(classification), query["date"]]
            rows = [{"code": c, "parentCode": None, "level": "1", "name": n, "notes": ""} for c, n in pairs]
            return 200, json.dumps({"codes": rows}, ensure_ascii=False).encode()
        if what == "changes" and classification == "131":
            keys = ("changeOccurred", "oldCode", "oldName", "newCode", "newName")
            rows = [dict(zip(keys, c)) for c in self.changes if query["from"] <= c[0] < query["to"]]
            return 200, json.dumps({"codeChanges": rows}, ensure_ascii=False).encode()
        return 404, b'{"error": "no such classification"}'


@contextmanager
def serving(klass: Klass):
    """The address of ``klass`` while it is served on 127.0.0.1."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            if self.headers["Accept"] != "application/json":
                self.send_error(406)
                return
            status, body = klass.answer(self.path)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/api/klass/v1"
    finally:
        server.shutdown()
        server.server_close()
