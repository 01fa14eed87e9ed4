"""The two instruments as the simulator answers them, and the SPSS file with Norwegian labels and user-missing codes."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd


@dataclass(frozen=True)
class Item:
    """An item: label, dimension, shares of the steps from worst to best, and rates of 97 (don't know) and 98."""

    name: str
    label: str
    dimension: str
    shares: tuple[float, ...]
    reversed: bool = False
    unknown: float = 0.03
    not_applicable: float = 0.015

    @property
    def best(self) -> int:
        """The answer at the best end of the scale as it stands on the form."""
        return 1 if self.reversed or self.name in ("q18", "plan") else len(self.shares)


def _ks(number: int, label: str, dimension: str, shares: tuple[float, ...], **extra) -> Item:
    return Item(f"q{number:02d}", label, dimension, shares, **extra)


CONTENT = (0.02, 0.04, 0.08, 0.18, 0.33, 0.35)
GOOD = (0.03, 0.05, 0.10, 0.22, 0.32, 0.28)
MIXED = (0.08, 0.10, 0.15, 0.25, 0.24, 0.18)
RESPECT = (0.01, 0.02, 0.05, 0.12, 0.30, 0.50)
KS_ITEMS = (
    _ks(1, "Programmet gjør meg bedre forberedt på arbeid", "result", GOOD),
    _ks(2, "Programmet gjør meg bedre forberedt på utdanning", "result", GOOD),
    _ks(3, "Programmet gjør meg bedre forberedt på å delta i samfunnet", "result", CONTENT),
    _ks(4, "Jeg er med på å bestemme innholdet i programmet mitt", "participation", MIXED),
    _ks(5, "Ønskene mine blir tatt med i planen", "participation", MIXED),
    _ks(6, "Andre bestemmer hva jeg skal gjøre i programmet", "participation", MIXED, reversed=True),
    _ks(7, "Lærerne møter meg med respekt", "respect", RESPECT),
    _ks(8, "Programrådgiveren møter meg med respekt", "respect", RESPECT),
    _ks(9, "Jeg blir hørt på", "respect", CONTENT),
    _ks(10, "Det er lett å få kontakt med programrådgiveren", "accessibility", GOOD),
    _ks(11, "Jeg får hjelp når jeg trenger det", "accessibility", GOOD),
    _ks(12, "Jeg må vente lenge på svar", "accessibility", MIXED, reversed=True),
    _ks(13, "Jeg vet hva programmet inneholder", "information", GOOD),
    _ks(14, "Jeg kjenner rettighetene og pliktene mine", "information", GOOD),
    _ks(15, "Jeg får informasjon på et språk jeg forstår", "information", GOOD),
    _ks(16, "Programmet svarer til det jeg ventet", "overall", GOOD),
    _ks(17, "Alt i alt er jeg fornøyd med programmet", "overall", CONTENT),
    _ks(18, "Jeg har en individuell plan (1 ja, 2 nei)", "plan", (0.896, 0.104), unknown=0.04, not_applicable=0),
)  # fmt: skip
IMDI_ITEMS = (
    Item("trivsel", "Jeg er fornøyd med introduksjonsprogrammet", "overall", (0.03, 0.10, 0.35, 0.52)),
    Item("motivasjon", "Jeg liker å delta i programmet", "overall", (0.03, 0.12, 0.33, 0.52)),
    Item("nytte", "Programmet er nyttig for arbeidet jeg ønsker etterpå", "result", (0.035, 0.16, 0.805)),
    Item("laerer", "Jeg har et godt forhold til læreren", "respect", (0.01, 0.05, 0.24, 0.70)),
    Item("programraadgiver", "Jeg får kontakt med programrådgiveren når jeg trenger det", "accessibility",
         (0.05, 0.16, 0.34, 0.45)),
    Item("veiledning", "Jeg får god veiledning om arbeid og utdanning", "information", (0.08, 0.20, 0.34, 0.38)),
    Item("digitalt", "De digitale hjelpemidlene fungerer godt for meg", "accessibility", (0.06, 0.17, 0.37, 0.40),
         not_applicable=0.05),
    Item("respekt", "Jeg blir møtt med respekt", "respect", (0.02, 0.08, 0.25, 0.65)),
    Item("plan", "Jeg har en individuell plan (1 ja, 2 nei)", "plan", (0.83, 0.17), unknown=0.06, not_applicable=0),
)  # fmt: skip
FRONT_LABELS = {
    "resp_id": "Svarnummer", "kommune_nr": "Kommunenummer", "aar": "År", "runde": "Runde", "spraak": "Språk",
    "modus": "Utfylling", "kjonn": "Kjønn", "alder5": "Alder", "botid": "Botid i Norge, år", "utd4": "Utdanning",
    "landgruppe": "Landgruppe", "startet": "Startet", "levert": "Levert",
}  # fmt: skip
VALUE_LABELS = {
    "kjonn": {1: "Mann", 2: "Kvinne"},
    "alder5": {1: "18-25", 2: "26-35", 3: "36-45", 4: "46-55", 5: "56 og over"},
    "utd4": {1: "Ingen eller grunnskole", 2: "Videregående", 3: "Høyere", 9: "Uoppgitt"},
    "landgruppe": {1: "Afrikas horn", 2: "Resten av Afrika", 3: "Syria", 4: "Resten av Asia", 5: "Europa",
                   6: "Amerika og Oseania"},
}  # fmt: skip
AGREEMENT = ("Helt uenig", "Uenig", "Litt uenig", "Litt enig", "Enig", "Helt enig")
FREQUENCY = ("Sjelden eller aldri", "Noen ganger", "Ofte", "Alltid")
USEFUL = ("Sjelden eller aldri", "Litt", "Ja")
MISSING_LABELS = {97: "Vet ikke", 98: "Ikke aktuelt", 99: "Ubesvart"}
HEADER_DATE = slice(84 + 8, 84 + 8 + 17)


def _steps(item: Item) -> dict[int, str]:
    words = {6: AGREEMENT, 4: FREQUENCY, 3: USEFUL, 2: ("Ja", "Nei")}[len(item.shares)]
    return {step + 1: word for step, word in enumerate(words)} | MISSING_LABELS


def write_sav(answers: pd.DataFrame, path: Path, items: tuple[Item, ...]) -> None:
    """Write answers as ``.sav`` with labels and user-missing 97-99, the header's clock replaced by a fixed date."""
    import pyreadstat

    pyreadstat.write_sav(
        answers,
        path,
        file_label="Brukerundersøkelse introduksjonsprogrammet",
        column_labels=FRONT_LABELS | {item.name: item.label for item in items},
        variable_value_labels=VALUE_LABELS | {item.name: _steps(item) for item in items},
        missing_ranges={item.name: [{"lo": 97, "hi": 99}] for item in items},
    )
    content = bytearray(path.read_bytes())
    content[HEADER_DATE] = b"01 Jan 2400:00:00"
    path.write_bytes(content)
