"""Code lists from Statistics Norway's KLASS service, as dated snapshots with their hashes; used only when asked for.

The service gives the codes of a classification at a date and the changes between two dates (`from` counts, `to` does
not: https://data.ssb.no/api/klass/v1/api-guide.html). It does not say how a split municipality's people were shared
out; that stays open for whoever uses the snapshot.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

import pandas as pd

from introprog.errors import InputError, Problem

LISTS = {
    131: "municipalities",
    104: "counties",
    112: "kostra_groups",
    128: "centrality",
    36: "nus2000",
    91: "country_codes",
}
MUNICIPALITIES = 131
CODES = ["code", "parent", "level", "name"]
CHANGES = ["dato", "gammel_kode", "gammelt_navn", "ny_kode", "nytt_navn", "type", "andel"]
WHERE = "refresh_codelists"


def fetch_codes(url: str, classification: int, date: str, timeout: float = 60.0) -> pd.DataFrame:
    """Codes of a classification valid at ``date`` (YYYY-MM-DD): ``code, parent, level, name``, sorted; all text.

    Raises ``InputError`` when the service cannot be reached, refuses, or answers something else.
    """
    rows = _ask(url, classification, "codesAt", {"date": date}, "codes", timeout)
    frame = pd.DataFrame([[_word(r, k) for k in ("code", "parentCode", "level", "name")] for r in rows], columns=CODES)
    if frame.empty:
        raise InputError([Problem(WHERE, "N3", f"KLASS {classification} has no codes at {date}", "a date with codes")])
    return frame.astype("str").sort_values(["level", "code"], kind="stable", ignore_index=True)


def fetch_changes(url: str, first: str, last: str, timeout: float = 60.0) -> pd.DataFrame:
    """Changes of the municipality list from ``first`` to ``last`` (not counted), as ``kommune_endringer.csv`` has them.

    ``andel`` is 1 where an old code goes to one new code, and missing where it is split: KLASS does not say.
    """
    rows = _ask(url, MUNICIPALITIES, "changes", {"from": first, "to": last}, "codeChanges", timeout)
    keys = ("changeOccurred", "oldCode", "oldName", "newCode", "newName")
    frame = pd.DataFrame([[_word(r, k) for k in keys] for r in rows], columns=CHANGES[:5], dtype="str")
    frame = frame[frame["gammel_kode"].ne(frame["ny_kode"]) & frame["gammel_kode"].ne("") & frame["ny_kode"].ne("")]
    frame = frame.drop_duplicates().sort_values(CHANGES[:4], kind="stable", ignore_index=True)
    targets = frame.groupby(["dato", "gammel_kode"])["ny_kode"].transform("nunique")
    origins = frame.groupby(["dato", "ny_kode"])["gammel_kode"].transform("nunique")
    kind = pd.Series("NYTT_NUMMER", index=frame.index).mask(origins > 1, "SAMMENSLAAING").mask(targets > 1, "DELING")
    share = pd.Series(1.0, index=frame.index).mask(targets > 1)
    return frame.assign(type=kind, andel=share)[CHANGES]


def compare(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Codes that leave or enter, and those that change name: ``change`` (``left, entered, renamed``), code, names."""
    joined = before[["code", "name"]].merge(
        after[["code", "name"]], on="code", how="outer", suffixes=("_before", "_after"), indicator=True
    )
    words = {"left_only": "left", "right_only": "entered"}
    change = joined["_merge"].astype("str").map(words)
    renamed = joined["_merge"].eq("both") & joined["name_before"].ne(joined["name_after"])
    joined = joined.assign(change=change.mask(renamed, "renamed")).dropna(subset=["change"])
    columns = ["change", "code", "name_before", "name_after"]
    return joined.sort_values(["change", "code"], ignore_index=True)[columns].fillna("")


def snapshot(url: str, dates: Sequence[str], lists: Mapping[int, str] = LISTS, timeout: float = 60.0) -> dict[str, str]:
    """All files of a snapshot by name: code lists at the last of ``dates``, changes and comparison between the first
    and the last, and ``snapshot.json`` with classification, date, rows and SHA-256 of each.
    """
    first, last = min(dates), max(dates)
    files, index = {}, []
    for classification, name in lists.items():
        after = fetch_codes(url, classification, last, timeout)
        files[f"{name}.csv"] = _csv(after)
        index.append({"file": f"{name}.csv", "classification": classification, "date": last, "rows": len(after)})
    before = fetch_codes(url, MUNICIPALITIES, first, timeout)
    files["municipalities_changed.csv"] = _csv(compare(before, fetch_codes(url, MUNICIPALITIES, last, timeout)))
    day_after = str((pd.Timestamp(last) + pd.Timedelta(days=1)).date())
    files["kommune_endringer.csv"] = _csv(fetch_changes(url, first, day_after, timeout), ";", ",")
    index += [
        {"file": name, "classification": MUNICIPALITIES, "from": first, "to": last, "rows": files[name].count("\n") - 1}
        for name in ("municipalities_changed.csv", "kommune_endringer.csv")
    ]
    for entry in index:
        entry["sha256"] = hashlib.sha256(files[entry["file"]].encode("utf-8")).hexdigest()
    record = {"source": url, "files": sorted(index, key=lambda e: e["file"])}
    return files | {"snapshot.json": json.dumps(record, indent=2, ensure_ascii=False) + "\n"}


def write_snapshot(files: Mapping[str, str], directory: str | Path) -> None:
    """Write the files of a snapshot; nothing is written before all of it has been fetched."""
    Path(directory).mkdir(parents=True, exist_ok=True)
    for name, text in sorted(files.items()):
        (Path(directory) / name).write_text(text, encoding="utf-8", newline="\n")


def _csv(frame: pd.DataFrame, separator: str = ",", decimal: str = ".") -> str:
    return frame.to_csv(index=False, sep=separator, decimal=decimal, lineterminator="\n")


def _word(row: Mapping, key: str) -> str:
    return str(row.get(key) or "")


def _ask(url: str, classification: int, what: str, query: Mapping, key: str, timeout: float) -> list[Mapping]:
    address = f"{url.rstrip('/')}/classifications/{classification}/{quote(what)}?{urlencode(query)}"
    try:
        request = Request(address, headers={"Accept": "application/json"})
        with urlopen(request, timeout=timeout) as answer:
            content = json.loads(answer.read().decode("utf-8"))
        rows = content[key]
        if not all(isinstance(row, dict) for row in rows):
            raise TypeError(key)
    except HTTPError as error:
        raise InputError(
            [_fault(address, f"the service answers {error.code}", "does the list exist at the date?")]
        ) from None
    except (URLError, HTTPException, OSError) as error:
        reason = getattr(error, "reason", error)
        raise InputError([_fault(address, f"no answer from the service: {reason}", "try again later")]) from None
    except (ValueError, KeyError, TypeError):
        raise InputError(
            [_fault(address, f"the answer is no KLASS answer with {key!r}", "is the address right?")]
        ) from None
    return rows


def _fault(address: str, what: str, hint: str) -> Problem:
    return Problem(address, "N2", what, expected="codes from KLASS", hint=hint)
