"""Talking to a PxWeb service (API v0 and v1): one request at a time, politely, and told in plain words when it fails.

A service refuses queries of too many cells (403, and 404 or 413 when the query itself is too long), asks callers who
come too often to wait (429 with Retry-After), and is at times slow, away or cut off in the middle of an answer. All but
the first pass, so they are tried again; a refusal does not, so the caller has to ask for less.

The protocol is that of Statistics Sweden's PxWeb, as Statistics Norway runs it: 800,000 cells an answer and 30 queries
a minute (https://www.ssb.no/en/api/statbank-pxwebapi-user-guide).
"""

import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPMessage
from typing import TypeVar
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener

from introprog.errors import InputError, Problem
from introprog.jsonstat2 import Unusable

T = TypeVar("T")
LOG = logging.getLogger(__name__)
TOO_LARGE = (403, 404, 413)
PASSING = (408, 425, 429, 500, 502, 503, 504)
TOO_MANY_WORDS = ("too many", "limit", "for mange", "for stor")


class Refused(Exception):
    """The service does not answer a query of this size; its words are the message."""


class _Passing(Exception):
    """A failure that may be gone at the next attempt; ``wait`` is what the service asked for, in seconds."""

    def __init__(self, what: str, wait: float | None = None):
        super().__init__(what)
        self.wait = wait


class _KeepQuery(HTTPRedirectHandler):
    """A moved address is asked the same query: by default a redirected POST turns into a GET and loses it."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        if req.data is None or code == 303:
            return super().redirect_request(req, fp, code, msg, headers, newurl)
        return Request(newurl, data=req.data, headers=dict(req.headers), method=req.get_method(), unverifiable=True)


def _opener() -> OpenerDirector:
    return build_opener(_KeepQuery)


@dataclass
class Service:
    """One table of a PxWeb service and how to behave towards it.

    ``pause`` seconds lie between two requests; a failure that may pass is tried ``retries`` more times, after the time
    the service names or after ``pause`` doubled each time; no wait is longer than ``longest_wait``. ``timeout`` is the
    longest silence within a request. ``sleep`` is replaceable for tests.
    """

    url: str
    pause: float = 2.5
    retries: int = 5
    timeout: float = 60.0
    longest_wait: float = 120.0
    sleep: Callable[[float], None] = time.sleep
    opener: OpenerDirector = field(default_factory=_opener, repr=False)
    asked: int = 0

    def get(self, check: Callable[[bytes], T]) -> tuple[T, str]:
        """What ``check`` makes of the table's metadata, and the date of the answer (empty when none is stated).

        ``check`` raises ``Unusable`` for a broken answer, which is then asked for again.

        Raises ``InputError`` when the table is not there or the service fails after all attempts.
        """
        try:
            return self._patiently(None, check)
        except Refused as refusal:
            hint = "check the address and the table number in statbank: url and table of config.yaml"
            raise InputError([self.problem("W2", f"the service does not give this table: {refusal}", hint)]) from None

    def post(self, query: dict, check: Callable[[bytes], T]) -> tuple[T, str]:
        """What ``check`` makes of the answer to a query, and its date.

        Raises ``Refused`` when the query is too large, and ``InputError`` when it is wrong or the service fails
        after all attempts.
        """
        return self._patiently(json.dumps(query, ensure_ascii=True).encode("ascii"), check)

    def problem(self, rule: str, what: str, hint: str) -> Problem:
        return Problem(self.url, rule, what, hint=hint)

    def _patiently(self, body: bytes | None, check: Callable[[bytes], T]) -> tuple[T, str]:
        said = ""
        if self.asked:
            self.sleep(self.pause)
        for attempt in range(self.retries + 1):
            self.asked += 1
            try:
                content, headers = self._once(body)
                return check(content), _date(headers)
            except Unusable as fault:
                said, wait = f"the answer cannot be used: {fault}", None
            except _Passing as fault:
                said, wait = str(fault), fault.wait
            LOG.info("attempt %d of %d: %s", attempt + 1, self.retries + 1, said)
            if wait is not None and wait > self.longest_wait:
                hint = "what came is kept; run again after that time and the rest is asked for"
                raise InputError([self.problem("W4", f"{said}; it asks to wait {wait:,.0f} seconds", hint)])
            if attempt < self.retries:
                self.sleep(min(self.longest_wait, self.pause * 2**attempt if wait is None else max(wait, self.pause)))
        hint = (
            "what came is kept, run again and only the rest is asked for; without a network, save the table from the "
            "service's web page as JSON-stat2 and name the file in statbank: path of config.yaml"
        )
        raise InputError([self.problem("W3", f"{self.retries + 1} attempts failed; the last: {said}", hint)])

    def _once(self, body: bytes | None) -> tuple[bytes, HTTPMessage]:
        headers = {"Accept": "application/json", "User-Agent": "introprog"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            with self.opener.open(Request(self.url, data=body, headers=headers), timeout=self.timeout) as answer:
                return answer.read(), answer.headers
        except HTTPError as error:
            raise self._answered(error) from None
        except TimeoutError:
            raise _Passing(f"no answer within {self.timeout:g} seconds") from None
        except URLError as error:
            slow = isinstance(error.reason, TimeoutError)
            what = f"no answer within {self.timeout:g} seconds" if slow else f"no connection: {error.reason}"
            raise _Passing(what) from None
        except (HTTPException, OSError) as error:
            raise _Passing(f"the connection broke off ({type(error).__name__})") from None

    def _answered(self, error: HTTPError) -> Exception:
        """The exception that an HTTP error stands for."""
        words = _words(error)
        said = f"HTTP {error.code}" + (f" «{words}»" if words else "")
        if error.code in PASSING:
            return _Passing(said, _retry_after(error.headers))
        if error.code in TOO_LARGE or (error.code == 400 and any(w in words.lower() for w in TOO_MANY_WORDS)):
            return Refused(said)
        hint = "compare the codes of the query with the table's metadata, which the address shows in a browser"
        return InputError([self.problem("W2", f"the service rejects the request: {said}", hint)])


def _words(error: HTTPError) -> str:
    """The service's own explanation, on one line, shortened; web pages are left out."""
    try:
        text = error.read(2000).decode("utf-8", "replace")
    except (HTTPException, OSError):
        return ""
    return "" if "<" in text else " ".join(text.split())[:160]


def _date(headers: HTTPMessage) -> str:
    """Day of the answer by the service's clock, ``YYYY-MM-DD`` (UTC), empty when it states none."""
    try:
        return parsedate_to_datetime(headers["Date"]).date().isoformat()
    except (TypeError, ValueError):
        return ""


def _retry_after(headers: HTTPMessage) -> float | None:
    """Seconds to wait: a number, or a moment that is compared with the service's own clock."""
    text = (headers["Retry-After"] or "").strip()
    if text.isdigit():
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - parsedate_to_datetime(headers["Date"])).total_seconds())
    except (TypeError, ValueError):
        return None
