"""Why something is not estimable, in Norwegian: one table for every reason that a model or display can give.

The reasons arise in English where the estimation stops (``introprog.estimable``); a test reads them from the code.
"""

import re

NOT_OBSERVED = "no leavers of these years are observed at this horizon"
FORETOLD = "the characteristics of the leavers foretell the result fully"
UNITS = {
    r"municipalities": "kommuner",
    r"municipalities for (\d+) terms": r"kommuner for \1 variabler",
    r"municipalities for (\d+) items": r"kommuner for \1 spørsmål",
    r"items": "spørsmål",
    r"complete answers": "fullstendige svar",
    r"answer steps in use": "svartrinn i bruk",
    r"languages with (\d+) complete answers": r"språk med \1 fullstendige svar",
    r"components that vary": "komponenter som varierer",
}
THINGS = {
    r"the score": "skåren",
    r"the score between municipalities": "skåren mellom kommunene",
    r"the result between municipalities": "resultatet mellom kommunene",
    r"item (\S+)": r"spørsmål \1",
    r"an item in one of the languages": "et spørsmål på ett av språkene",
}
WORDS = {
    NOT_OBSERVED: "ingen som sluttet disse årene er observert så lenge etter",
    FORETOLD: "kjennetegnene ved dem som sluttet forutsier resultatet fullt ut",
    "only one municipality differs from the others": "bare én kommune skiller seg fra de andre",
    "fewer answers than may be shown": "færre svar enn det som kan vises",
    "fewer than two municipalities in a group have leavers at both times": "færre enn to kommuner i en gruppe har "
    "tidligere deltakere begge ganger",
    "fewer than two municipalities in a group": "færre enn to kommuner i en gruppe",
    "fewer than three municipalities": "færre enn tre kommuner",
    "no variance between municipalities beyond noise": "ingen varians mellom kommuner utover støy",
    "no variation within municipalities": "ingen variasjon innen kommuner",
    "the covariates foretell the outcome fully": "variablene forutsier utfallet fullt ut",
    "too few leavers with known covariates and both outcomes": "for få tidligere deltakere med kjente variabler og "
    "begge utfall",
    "no unit varies": "ingen variasjon",
    "not asked": "ikke spurt",
    "one answer in each municipality": "ett svar i hver kommune",
    "no municipality has two answers": "ingen kommune har to svar",
    "no municipality has two answers, so the sampling variance is unknown": "ingen kommune har to svar, så "
    "utvalgsvariansen er ukjent",
    "the terms are collinear": "variablene er lineært avhengige",
    "no finite standard error": "ingen endelig standardfeil",
    "a loading exceeds one": "en ladning er over én",
    "the factor model has no unique solution": "faktormodellen har ingen entydig løsning",
    "the factor model did not settle": "faktormodellen fant ingen løsning",
    "an answer step is told apart completely by the terms": "et svartrinn skilles helt ut av variablene",
    "the ordered logit did not converge: an answer step is told apart completely by the terms": "den ordnede "
    "logitmodellen fant ingen løsning: et svartrinn skilles helt ut av variablene",
    "the ordered logit has no unique maximum": "den ordnede logitmodellen har ikke noe entydig maksimum",
    "the ordered logit with random intercepts has no unique maximum": "den ordnede logitmodellen med tilfeldige "
    "konstantledd har ikke noe entydig maksimum",
    "the binomial model has no unique maximum": "binomialmodellen har ikke noe entydig maksimum",
    "all leavers, or none, reached the result": "alle tidligere deltakere, eller ingen, nådde resultatet",
    "one municipality alone identifies a term": "én kommune alene bestemmer en variabel",
    "too few municipalities, or answers in them, for the terms": "for få kommuner, eller svar i dem, for variablene",
    "a municipality's mean has no sampling variance": "gjennomsnittet i en kommune har ingen utvalgsvarians",
}
PATTERNS = {
    **{rf"{unit}: (\d+), at least (\d+) needed": (words, "units") for unit, words in UNITS.items()},
    **{rf"{thing} does not vary": (f"{words} varierer ikke", "") for thing, words in THINGS.items()},
    **{rf"no observations of {thing}": (f"ingen observasjoner av {words}", "") for thing, words in THINGS.items()},
    **{
        rf"{thing} has values that are not finite": (f"{words} har verdier som ikke er endelige tall", "")
        for thing, words in THINGS.items()
    },
    r"fewer than (\d+) municipalities with enough settled of both halves": (
        r"færre enn \1 kommuner med nok bosatte i hver halvdel",
        "",
    ),
    r"fewer than (\d+) municipalities": (r"færre enn \1 kommuner", ""),
    r"(\d+) observations for (\d+) terms": (r"\1 observasjoner for \2 variabler", ""),
    **{re.escape(text): (words, "") for text, words in WORDS.items()},
}


def reason(text: str, language: str) -> str:
    """The reason of ``not estimable: <reason>`` in ``language`` (nb, en); one without a translation stays as it is."""
    text = str(text).removeprefix("not estimable: ")
    for pattern, (words, kind) in PATTERNS.items() if language == "nb" else ():
        found = re.fullmatch(pattern, text)
        if found and kind == "units":
            *_, given, least = found.groups()
            return f"{found.expand(words)}: {given}, minst {least} trengs"
        if found:
            return found.expand(words)
    return text
