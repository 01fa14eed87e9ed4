"""Named damages of a good set of extracts; what each must be answered with is in messages.yaml under the same name."""

import gzip
import stat
import sys
import zipfile
from collections.abc import Callable
from functools import reduce
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "unit"))

from raw_extracts import FILES, A, B, C, change, form_11b, write_extracts  # noqa: E402

Damage = Callable[[Path], object]
WAVES = {"ks_2015": {"instrument": "ks", "year": 2015}}
MANY = [f"{n:010d}" for n in range(4000, 4040)]
HEADERS = {name: text.split("\n")[0] for name, (_, text) in FILES.items()}
SURVEY_HEADER = "resp_id;kommune_nr;aar;runde;spraak;modus;kjonn;alder5;botid;utd4;landgruppe;startet;levert"
ITEMS = ";".join(f"q{n:02d}" for n in range(1, 19))


def answer(number: int, municipality="6101", mode="selv", sex="1", first="5") -> str:
    """One survey answer."""
    return f"R{number};{municipality};2015;1;ar;{mode};{sex};2;3,5;1;3;t;t;{first};" + ";".join(["4"] * 16 + ["1"])


def good_extracts(folder: Path) -> Path:
    """The hand-written extracts with one survey wave."""
    write_extracts(folder)
    survey(*map(answer, range(20)))(folder)
    frame = "kommunenr;kjonn;alder5;landgruppe;antall\n6101;1;2;3;40\n6102;1;2;3;10\n6103;2;1;1;5\n"
    (folder / "survey_ks_2015_frame.csv").write_text(frame, encoding="utf-8-sig")
    return folder


def survey(*lines: str) -> Damage:
    text = "\n".join([f"{SURVEY_HEADER};{ITEMS}", *lines, ""])
    return lambda folder: (folder / "survey_ks_2015.csv").write_text(text, encoding="utf-8-sig")


def remove(name: str) -> Damage:
    return lambda folder: (folder / name).unlink()


def rename(name: str, other: str) -> Damage:
    return lambda folder: (folder / name).rename(folder / other)


def replace(name: str, *pairs: tuple[str, str]) -> Damage:
    return lambda folder: [change(folder, name, old, new) for old, new in pairs]


def binary(name: str, data: bytes) -> Damage:
    return lambda folder: (folder / name).write_bytes(data)


def text(name: str, content: str, encoding: str = "utf-8") -> Damage:
    return binary(name, content.encode(encoding))


def original(name: str) -> str:
    return FILES[name][1]


def rows(name: str, form: str, count: int = 40) -> Damage:
    """The file with ``count`` rows of one form, with ``{id}`` a person key, ``{n}`` the number, ``{y}`` a year and
    ``{b}`` a month of birth."""
    births = [f"19{80 - n // 12}{1 + n % 12:02d}" for n in range(count)]
    marks = [
        {"{id}": MANY[n % len(MANY)], "{n}": str(n), "{y}": str(2015 + n // 40), "{b}": birth}
        for n, birth in enumerate(births)
    ]
    lines = [reduce(lambda text, mark: text.replace(*mark), values.items(), form) for values in marks]
    return lambda folder: (folder / name).write_text(
        original(name) + "\n".join(lines) + "\n", encoding=FILES[name][0].removesuffix("-sig")
    )


def again(name: str, old: str, new: str) -> Damage:
    """The rows of the file that hold ``old`` once more, with ``new`` in its place."""

    def damage(folder: Path) -> None:
        encoding = FILES[name][0].removesuffix("-sig")
        lines = (folder / name).read_text(encoding=encoding).splitlines()
        more = [line.replace(old, new, 1) for line in lines if old in line]
        (folder / name).write_text("\n".join([*lines, *more]) + "\n", encoding=encoding)

    return damage


def early_forms(folder: Path) -> None:
    """Form 11B of 2010 with a measure that came the year after, and the later years as they were."""
    lines = [form_11b("6101", 2010, person, "010210", "06", measures=(1, 11)) for person in MANY]
    form(2010, *lines)(folder)
    for year in (2011, 2012, 2013, 2014):
        form(year, form_11b("6101", year, A, "010315", "06"))(folder)


def linked_folder(folder: Path) -> None:
    outside = folder.parent / "outside"
    outside.mkdir()
    (folder / RESIDENCE).rename(outside / RESIDENCE)
    (folder / "part").symlink_to(outside, target_is_directory=True)
    own_codebook("{kind: extract, extract: bosted, file: part/bosted.csv}")(folder)


def linked_entry(folder: Path) -> None:
    """A zip whose one entry is a link to a file outside."""
    (folder / RESIDENCE).unlink()
    entry = zipfile.ZipInfo(RESIDENCE)
    entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(folder / "bosted.zip", "w") as archive:
        archive.writestr(entry, "/etc/passwd")


def form(year: int, *lines: str) -> Damage:
    return text(f"kostra_11b_{year}.txt", "\r\n".join(lines) + "\r\n", "latin-1")


def forms(**changes) -> list[str]:
    """Forty lines of form 11B of 2016, alike but for the person."""
    municipality = changes.get("municipality", "6101")
    start, status, end = changes.get("start", "010216"), changes.get("status", "06"), changes.get("end", "")
    return [form_11b(municipality, 2016, person, start, status, end) for person in MANY]


def folder_for(name: str) -> Damage:
    def damage(folder: Path) -> None:
        (folder / name).unlink()
        (folder / name).mkdir()

    return damage


def packed(name: str, entries: dict[str, str], protected: bool = False) -> Damage:
    """Put a zip in the place of a CSV file."""

    def damage(folder: Path) -> None:
        (folder / name).unlink()
        path = folder / f"{Path(name).stem}.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for entry, content in entries.items():
                archive.writestr(entry, content)
        if protected:
            data = bytearray(path.read_bytes())
            data[6] |= 1
            data[data.find(b"PK\x01\x02") + 8] |= 1
            path.write_bytes(bytes(data))

    return damage


def cut_gzip(name: str) -> Damage:
    def damage(folder: Path) -> None:
        data = gzip.compress((folder / name).read_bytes() * 50, mtime=0)
        (folder / f"{name}.gz").write_bytes(data[: len(data) // 2])
        (folder / name).unlink()

    return damage


def as_frame(name: str, suffix: str, keep: float = 1.0, drop: tuple[str, ...] = ()) -> Damage:
    """The file in another format, cut off after the share ``keep``, some columns left out."""

    def damage(folder: Path) -> None:
        import pyreadstat

        frame = pd.read_csv(folder / name, sep=";", dtype=str, encoding=FILES[name][0]).drop(columns=list(drop))
        path = folder / (Path(name).stem + suffix)
        writers = {".sav": pyreadstat.write_sav, ".dta": pyreadstat.write_dta}
        writers[suffix](frame.fillna(""), str(path)) if suffix in writers else frame.to_parquet(path)
        path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])
        (folder / name).unlink()

    return damage


def own_codebook(content: str) -> Damage:
    def damage(folder: Path) -> None:
        (folder / "codebook").mkdir()
        (folder / "codebook" / "mine.yaml").write_text(content, encoding="utf-8")

    return damage


def both(*damages: Damage) -> Damage:
    return lambda folder: [damage(folder) for damage in damages]


RESIDENCE, INCOME, PEOPLE, NIR = "bosted.csv", "inntekt.csv", "demografi.csv", "nir_deltakere.csv"
NEW_MUNICIPALITY = ";6110;Ny;SAMMENSLAAING;1,0\n2020-01-01;6102"

MUTATIONS: dict[str, Damage] = {
    # files
    "file missing": remove(RESIDENCE),
    "file misspelt": rename(RESIDENCE, "bosteder.csv"),
    "a year missing between others": remove("nav_2018.csv"),
    "a folder in place of a file": folder_for(RESIDENCE),
    "empty file": text(RESIDENCE, ""),
    "file of blank lines": text(RESIDENCE, "\n  \n\n"),
    "header alone": text(RESIDENCE, HEADERS[RESIDENCE] + "\n"),
    "header missing": text(RESIDENCE, original(RESIDENCE).split("\n", 1)[1]),
    "header missing and wrong separator": text(RESIDENCE, original(RESIDENCE).split("\n", 1)[1].replace(";", "\t")),
    "column missing": replace(RESIDENCE, (";kommnr;", ";kommune_nr;")),
    "column in capitals": replace(RESIDENCE, (";kommnr;", ";KOMMNR;")),
    "column doubled": replace(RESIDENCE, (";sluttarsak", ";kommnr")),
    # text
    "comma between fields": text(RESIDENCE, original(RESIDENCE).replace(";", ",")),
    "tab between fields": text(RESIDENCE, original(RESIDENCE).replace(";", "\t")),
    "UTF-8 for Latin-1": text(PEOPLE, original(PEOPLE)),
    "Latin-1 for UTF-8": text("kommuner.csv", original("kommuner.csv"), "latin-1"),
    "UTF-16": text(INCOME, original(INCOME), "utf-16"),
    "mixed encodings": binary("kommuner.csv", original("kommuner.csv").encode() + original("kommuner.csv").split(
        "\n", 1)[1].encode("latin-1")),
    "zero bytes": binary(INCOME, original(INCOME).encode() + b"x" * 5000 + b"\0\0\0\n"),
    "file cut off": text(RESIDENCE, HEADERS[RESIDENCE] + f"\n{A};6101;2015-01-10;;\n{B};61"),
    "too few fields": text(INCOME, original(INCOME) + f"{A};2017;5\n" * 9),
    "separator inside a text": text("kommuner.csv", original("kommuner.csv").replace(";Øvre;", ";Øvre; ytre;")),
    "a line of nine megabytes": binary(INCOME, original(INCOME).encode() + b"9" * (9 << 20)),
    "a line of two hundred megabytes": binary(INCOME, original(INCOME).encode() + b"9" * (200 << 20) + b"\n"),
    "no line ends": binary(INCOME, original(INCOME).replace("\n", ";").encode() * 90000),
    "a quotation mark left open": text(RESIDENCE, original(RESIDENCE).replace("6101;", '"6101;', 1)),
    "quotation marks left open": rows(RESIDENCE, '{id};"6101;2015-01-01;;'),
    "header repeated": rows(RESIDENCE, HEADERS[RESIDENCE]),
    "header repeated once": text(RESIDENCE, original(RESIDENCE) + original(RESIDENCE)),
    # numbers
    "thousands separated by blanks": rows(INCOME, "{id};2018;150 000;0;0"),
    "thousands separated by points": rows(INCOME, "{id};2018;150.000,50;0;0"),
    "decimal point": rows(INCOME, "{id};2018;150000.5;0;0"),
    "currency in a number": rows(INCOME, "{id};2018;kr 150000;0;0"),
    "a shortened number": rows(INCOME, "{id};2018;1,5E+05;0;0"),
    "colon in a count": rows(INCOME, "{id};2018;1;0;:"),
    "dots for missing": rows(INCOME, "{id};2018;..;0;0"),
    "NA for missing": rows(INCOME, "{id};2018;NA;0;0"),
    "spreadsheet error": rows(INCOME, "{id};2018;#N/A;0;0"),
    "decimals in a count of months": rows(INCOME, "{id};2018;1;1,5;0"),
    "thirteen months": rows(INCOME, "{id};2018;1;13;0"),
    "negative months": rows(INCOME, "{id};2018;1;-1;0"),
    "a year far ahead": rows(INCOME, "{id};2999;1;0;0"),
    "hours of a month": text("ameld_2018.csv", "lopenr;periode;arbforhold;arb_arbeidstid\n" + "".join(
        f"{A};2018{m:02d};J{j};162,5\n" for m in range(1, 13) for j in range(3))),
    # codes
    "zeros lost in municipality codes": rows(RESIDENCE, "{id};301;2015-01-01;;"),
    "municipality codes with decimals": rows(RESIDENCE, "{id};6101,0;2015-01-01;;"),
    "municipality codes shortened by a spreadsheet": rows(RESIDENCE, "{id};6,1E+03;2015-01-01;;"),
    "municipality names in place of codes": rows(RESIDENCE, "{id};Ås;2015-01-01;;"),
    "zeros lost in country codes": rows(PEOPLE, "{id};{b};1;64;X;FLUKT;2015-01-10;"),
    "zeros lost in keys": rows(RESIDENCE, "4{n};6101;2015-01-01;;"),
    "keys of two lengths": text(RESIDENCE, original(RESIDENCE) + "".join(
        f"{p}{'0' * (n % 3 // 2)};6101;2015-01-01;;\n" for n, p in enumerate(MANY))),
    "sex coded 0 and 1": rows(PEOPLE, "{id};{b};0;564;X;FLUKT;2015-01-10;"),
    "sex as letters": rows(PEOPLE, "{id};{b};K;564;X;FLUKT;2015-01-10;"),
    "keys in the column of sex": rows(PEOPLE, "{id};{b};{id};564;X;FLUKT;2015-01-10;"),
    "national ids in the column of codes": rows(RESIDENCE, "{id};01018012345;2015-01-01;;"),
    "letters read as two": rows("kommuner.csv", "610Ã;Ã…s;61;X;2019;1;1;1;1"),
    "unknown ground": rows(PEOPLE, "{id};{b};1;564;X;FLUGT;2015-01-10;"),
    "unknown end cause": rows(NIR, "{id};6101;2015-03-01;2017-02-20;JOBB;0;37,5;2017-02-25"),
    "unknown state": text("nav_2018.csv", "lopenr;periode;tilstand\n" + f"{B};201801;LEDIG\n" * 3),
    "five digits of education": rows("utdanning_kurs.csv", "{id};40110;2015-08-15;"),
    "zeros lost in measures": rows("nir_tiltak.csv", "{id};2015-03-01;7;2016-01-01;2016-06-30"),
    # dates
    "day first": rows(RESIDENCE, "{id};6101;15.01.2015;;"),
    "dates as day numbers": rows(RESIDENCE, "{id};6101;42019;;"),
    "dates without separators": rows(RESIDENCE, "{id};6101;20150115;;"),
    "dates with a time": rows(RESIDENCE, "{id};6101;2015-01-15T00:00:00;;"),
    "days that are not in the calendar": rows(RESIDENCE, "{id};6101;2015-02-30;;"),
    "months with a dash": rows(PEOPLE, "{id};1980-05;1;564;X;FLUKT;2015-01-10;"),
    "a thirteenth month": rows(PEOPLE, "{id};198013;1;564;X;FLUKT;2015-01-10;"),
    "a future date": rows(RESIDENCE, "{id};6101;2915-01-10;;"),
    "a date before the last century": rows(RESIDENCE, "{id};6101;1815-01-10;;"),
    "a day that stands for an open end": rows(RESIDENCE, "{id};6101;2015-01-10;9999-12-31;"),
    "dates after the extract was drawn": both(
        own_codebook('{kind: extract, extract: bosted, extracted: "2020-01-15"}'),
        rows(RESIDENCE, "{id};6101;2015-01-10;2020-03-01;FLYTTET")),
    "first days missing": rows(RESIDENCE, "{id};6101;;;"),
    "future end dates": rows(NIR, "{id};6101;2018-03-01;2092-02-20;ARBEID;0;37,5;2018-02-25"),
    "months of another year": text("nav_2018.csv", "lopenr;periode;tilstand\n" + "".join(
        f"{p};201701;AAP\n" for p in MANY)),
    # rows and spells
    "a file put in twice": rows(INCOME, "{id};2018;1;0;0", 80),
    "a person twice in a year": rows(INCOME, "{id};2018;{n};0;0", 80),
    "two ids for one person": both(
        rows(PEOPLE, "{id};{b};1;564;X;FLUKT;2015-01-10;"), again(PEOPLE, "000000", "000001")),
    "a fixed trait that varies": both(
        rows(PEOPLE, "{id};{b};1;564;X;FLUKT;2015-01-10;"), again(PEOPLE, ";1;564;X;", ";2;564;X;")),
    "two statuses at one date": both(
        own_codebook("{kind: extract, extract: bosted, temporality: status}"),
        rows(RESIDENCE, "{id};6101;2015-01-01;;"), again(RESIDENCE, ";6101;2015-01-01", ";6102;2015-01-01")),
    "residence ends before it begins": rows(RESIDENCE, "{id};6101;2015-01-10;2014-01-10;"),
    "two residences at once": rows(RESIDENCE, "{id};6101;{y}-01-10;2019-12-31;", 80),
    "programme ends before it starts": rows(NIR, "{id};6101;2018-03-01;2017-02-20;ARBEID;0;37,5;2018-02-25"),
    "keys of another project": text("ameld_2018.csv", "lopenr;periode;arbforhold;arb_arbeidstid\n" + "".join(
        f"{p};201801;J1;37,5\n" for p in MANY)),
    # form 11B
    "form 11B saved from a spreadsheet": form(2016, "6101;16;J1"),
    "form 11B with blanks cut at the end": form(2016, *(line.rstrip("0") for line in forms())),
    "form 11B a character short": form(2016, *(line[1:] for line in forms())),
    "form 11B with letters in the municipality": form(2016, *forms(municipality="61x1")),
    "form 11B with impossible dates": form(2016, *forms(start="310216")),
    "form 11B with unknown status": form(2016, *forms(status="66")),
    "form 11B with a code of later years": early_forms,
    "form 11B of another year": form(2016, *(form_11b("6101", 2015, p, "010215", "06") for p in MANY)),
    "form 11B as UTF-16": text("kostra_11b_2016.txt", "\r\n".join(forms()), "utf-16"),
    # municipalities
    "wrong code in the change list": replace(
        "kommune_endringer.csv", (NEW_MUNICIPALITY, NEW_MUNICIPALITY.replace("6110", "611"))),
    "share of a split in per cent": replace("kommune_endringer.csv", ("SAMMENSLAAING;1,0\n2020", "DELING;60\n2020")),
    "change list that loses codes": text(
        "kommune_endringer.csv", original("kommune_endringer.csv").replace("6110", "6199")),
    "unknown municipalities": rows(RESIDENCE, "{id};9998;2015-01-01;;"),
    "unemployment with a point": text("kommuner.csv", original("kommuner.csv").replace("2,5", "2.5")),
    # formats
    "gzip cut off": cut_gzip(RESIDENCE),
    "zip cut off": both(remove(RESIDENCE), binary("bosted.zip", b"PK\x03\x04 and no more")),
    "zip with a password": packed(RESIDENCE, {RESIDENCE: original(RESIDENCE)}, protected=True),
    "zip of two files": packed(RESIDENCE, {"del1.csv": "a", "del2.csv": "b"}),
    "empty zip": packed(RESIDENCE, {}),
    "zip with a path outside": packed(RESIDENCE, {"../../bosted.csv": original(RESIDENCE)}),
    "zip with an absolute path": packed(RESIDENCE, {"/bosted.csv": original(RESIDENCE)}),
    "zip with a link": linked_entry,
    "Excel named as CSV": binary(RESIDENCE, b"PK\x03\x04" + b"\0" * 60),
    "gzip named as CSV": binary(RESIDENCE, gzip.compress(b"a;b\n", mtime=0)),
    "text named as Excel": both(remove(RESIDENCE), text("bosted.xlsx", original(RESIDENCE))),
    "text named as Parquet": both(remove(RESIDENCE), text("bosted.parquet", original(RESIDENCE))),
    "SPSS file cut off": as_frame(RESIDENCE, ".sav", keep=0.3),
    "Stata file cut off": as_frame(RESIDENCE, ".dta", keep=0.3),
    "Stata file without a column": as_frame(RESIDENCE, ".dta", drop=("til_dato",)),
    "Parquet file without a column": as_frame(RESIDENCE, ".parquet", drop=("til_dato",)),
    # survey
    "survey answers outside the scale": survey(*(answer(n, first="7") for n in range(20))),
    "survey with municipality names": survey(*(answer(n, municipality="Ås") for n in range(20))),
    "survey with another mode": survey(*(answer(n, mode="papir") for n in range(20))),
    "survey without an item": replace("survey_ks_2015.csv", (";q07;", ";q7;")),
    "colon in the frame": text("survey_ks_2015_frame.csv",
        "kommunenr;kjonn;alder5;landgruppe;antall\n6101;1;2;3;:\n6102;1;2;3;:\n6103;2;1;1;5\n"),
    # codebooks of one's own
    "misspelt key in an own codebook": own_codebook("{kind: extract, extract: bosted, encodng: utf-8}"),
    "own codebook of nothing": own_codebook("{kind: extract, extract: bosteder, encoding: utf-8}"),
    "own codebook with a path outside": own_codebook("{kind: extract, extract: bosted, file: ../bosted.csv}"),
    "own codebook with an absolute path": own_codebook("{kind: extract, extract: bosted, file: /etc/passwd}"),
    "own codebook with limits of another type": own_codebook(
        "{kind: extract, extract: bosted, columns: {kommnr: {name: municipality_source, range: ['2015-01-01', 9]}}}"),
    "own codebook with years of an unknown code": own_codebook(
        "{kind: extract, extract: demografi, columns: {kjoenn: {name: sex, valid: {'3': [2020, null]}}}}"),
    "own codebook that leads outside by a link": linked_folder,
    "own codebook that is not YAML": own_codebook("kind: [extract"),
}  # fmt: skip
PERSONS = [A, B, C, *MANY, "01018012345"]
