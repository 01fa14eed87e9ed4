"""A small, complete folder of raw extracts written by hand, for tests that change one thing in it."""

from pathlib import Path

from introprog.codebook import load_codebook

ROOT = Path(__file__).parents[2]
CODEBOOK = load_codebook(ROOT / "data" / "codebook")
STUDY = {
    "first_exit_year": 2012,
    "last_exit_year": 2018,
    "last_observed_year": 2019,
    "municipality_vintage": 2020,
    "age_at_start": [16, 67],
    "reference_day": 16,
}
A, B, C, D, E = (f"{n:010d}" for n in range(1, 6))


def form_11b(municipality, year, person, start, status, end="", months=range(1, 13), measures=(), benefit=None):
    """One line of form 11B; dates are DDMMYY, months are numbers."""
    slots = [f"{m:02d}" for m in measures] + ["00"] * (11 - len(measures))
    benefit = 10_000 * len(set(months)) if benefit is None else benefit
    ticked = "".join(f"{m:02d}" if m in set(months) else "00" for m in range(1, 13))
    return (
        f"{municipality}{year % 100:02d}0000{'J1':<8}{person:<11}{'':12}11{start}2{''.join(slots)}"
        f"{status}{end:6}{ticked}{benefit:07d}"
    )


LINES = {
    2015: [
        form_11b("6101", 2015, A, "010315", "06", months=range(3, 13), measures=(1,)),
        form_11b("6102", 2015, B, "150114", "01", "100615", months=range(1, 7), measures=(1, 6)),
    ],
    2016: [
        form_11b("6101", 2016, A, "010315", "06", measures=(2,)),
        form_11b("6102", 2016, C, "010216", "06", months=range(2, 13)),
    ],
}

FILES = {
    "demografi.csv": (
        "latin-1",
        "lopenr;foedsels_aar_mnd;kjoenn;fodeland;landnavn;invgrunn;bosettingsdato;doedsdato\n"
        f"{A};198005;1;564;Syria;FLUKT;2015-01-10;\n"
        f"{B};199011;2;346;Somalia;FAMILIE;2013-11-01;\n"
        f"{C};197501;1;148;Færøysk navn;ANNET;2015-12-01;2018-06-01\n",
    ),
    "bosted.csv": (
        "utf-8-sig",
        "lopenr;kommnr;fra_dato;til_dato;sluttarsak\n"
        f"{A};6101;2015-01-10;;\n"
        f"{B};6102;2013-11-01;2017-05-31;FLYTTET\n"
        f"{B};6103;2017-06-01;;\n"
        f"{C};6102;2015-12-01;2018-06-01;DOED\n",
    ),
    "nir_deltakere.csv": (
        "utf-8-sig",
        "lopenr;kommunenr;startdato;sluttdato;avslutningsarsak;fritak_permisjon_mnd;timer_uke;registrert_dato\n"
        f"{A};6101;2015-03-01;2017-02-20;UTDANNING;0;37,5;2017-02-25\n"
        f"{C};6102;2016-02-01;2017-11-30;AUTOMATISK;2;30,0;2017-12-02\n",
    ),
    "nir_tiltak.csv": (
        "utf-8-sig",
        f"lopenr;startdato;tiltak;fra_dato;til_dato\n{A};2015-03-01;07;2016-01-01;2016-06-30\n",
    ),
    "utdanning_kurs.csv": (
        "utf-8-sig",
        f"lopenr;nus2000;fra_dato;til_dato\n{A};401101;2017-08-15;\n{B};201199;2015-08-15;2016-06-20\n",
    ),
    "utdanning_niva.csv": (
        "utf-8-sig",
        f"lopenr;bu;gjelder_fra\n{A};301101;2014-10-01\n{A};601101;2018-10-01\n{B};999999;2013-10-01\n",
    ),
    "inntekt.csv": (
        "utf-8-sig",
        f"lopenr;aar;wyrkinnt;sosialhjelp_mnd;sosialhjelp_belop\n{A};2018;150000,5;0;0\n{B};2018;;3;21000\n",
    ),
    "kommuner.csv": (
        "utf-8-sig",
        "kommunenr;kommunenavn;fylkesnr;fylkesnavn;aar;innbyggere;arbeidsledighet;sentralitet;nav_organisert\n"
        + "".join(
            f"{code};{name};61;Øvre;{year};{people};2,5;{centrality};{nav}\n"
            for year in range(2014, 2021)
            for code, name, people, centrality, nav in (
                ("6101", "Ås", 3000, 4, 1),
                ("6102", "Bø", 1000, 5, 0),
                ("6103", "Vik", 2000, 6, 0),
                ("6110", "Ny", 4000, 4, 1),
            )
            if (code == "6110") == (year >= 2020) or code == "6103"
        ),
    ),
    "kommune_endringer.csv": (
        "utf-8-sig",
        "dato;gammel_kode;gammelt_navn;ny_kode;nytt_navn;type;andel\n"
        "2020-01-01;6101;Ås;6110;Ny;SAMMENSLAAING;1,0\n2020-01-01;6102;Bø;6110;Ny;SAMMENSLAAING;1,0\n",
    ),
}

YEARLY = {
    "nav": ("lopenr;periode;tilstand\n", f"{B};{{year}}01;HELT_LEDIG\n{B};{{year}}02;HELT_LEDIG\n{B};{{year}}12;AAP\n"),
    "ameld": (
        "lopenr;periode;arbforhold;arb_arbeidstid;arb_hovedarbeid\n",
        f"{A};{{year}}01;J1;37,5;1\n{A};{{year}}02;J1;37,5;1\n{A};{{year}}04;J1;37,5;1\n",
    ),
}


def write_extracts(folder: Path) -> Path:
    """Write the whole set: 11B for 2015-2016, jobs from 2014, NAV states from 2015, everything to 2019."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (encoding, text) in FILES.items():
        (folder / name).write_bytes(text.encode(encoding))
    for year, lines in LINES.items():
        (folder / f"kostra_11b_{year}.txt").write_bytes("".join(line + "\r\n" for line in lines).encode("latin-1"))
    for stem, (header, rows) in YEARLY.items():
        for year in range(2015, 2020):
            (folder / f"{stem}_{year}.csv").write_bytes((header + rows.format(year=year)).encode("utf-8-sig"))
    jobs = f"lopenr;arbforhold;startdato;stoppdato;timer_uke\n{B};J9;2014-02-01;2014-12-31;\n"
    (folder / "atmlto_2014.csv").write_bytes(jobs.encode("latin-1"))
    return folder


def change(folder: Path, name: str, old: str, new: str) -> None:
    """Replace text in one file, bytes otherwise kept."""
    path = folder / name
    data = path.read_bytes()
    assert old.encode("utf-8") in data, f"{old!r} is not in {name}"
    path.write_bytes(data.replace(old.encode("utf-8"), new.encode("utf-8")))


def codebook_files() -> list[Path]:
    """The shipped codebook files, as a rule passes them."""
    return sorted((ROOT / "data" / "codebook").glob("*.yaml"))
