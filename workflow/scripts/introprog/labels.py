"""Words and numbers as they are printed in Norwegian (nb) and English (en).

Norwegian: decimal comma, no-break space between thousands, "62 prosent". English: decimal point, comma, "62 per cent".
The terms live in ``terms.yaml`` beside this module, so that a translator needs no code.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from introprog.content import read_yaml

TERMS = Path(__file__).with_name("terms.yaml")
LANGUAGES = ("nb", "en")
NBSP = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
EN_DASH = "\N{EN DASH}"
HIDDEN = ":"
NOT_AVAILABLE = "."


@cache
def _terms() -> Mapping:
    return read_yaml(TERMS)


def _missing(value: object) -> bool:
    # NaN is the only value that differs from itself; pandas.NA refuses to say
    return value is None or str(value) in ("<NA>", "nan", "NaT")


@dataclass(frozen=True)
class Labels:
    """Terms and number formats of one language (``nb`` or ``en``)."""

    language: str

    def __post_init__(self) -> None:
        if self.language not in LANGUAGES:
            raise ValueError(f"language {self.language!r} is not one of {', '.join(LANGUAGES)}")

    def term(self, key: str, default: str | None = None, **values: object) -> str:
        """The term with a dotted key such as ``sex.men``; ``values`` fill its braces.

        Raises ``KeyError`` for an unknown key unless ``default`` is given.
        """
        node = _terms()
        for part in key.split("."):
            if part not in node:
                if default is None:
                    raise KeyError(f"no term {key!r} in terms.yaml")
                return default
            node = node[part]
        text = node[self.language]
        return text.format(**values) if values else text

    def codes(self, key: str) -> list[str]:
        """The codes under a dotted key, in the order of ``terms.yaml``; none where there is no such key."""
        node = _terms()
        for part in key.split("."):
            node = node.get(part, {})
        return [str(code) for code in node]

    def method(self, text: str) -> str:
        """A method of ``results/models`` in words, part by part; a part without a term stays as it is."""
        return ", ".join(self.term(f"method.{part}", default=part) for part in text.split(", "))

    def pick(self, texts: Mapping[str, str]) -> str:
        """This language's text of an ``{nb: ..., en: ...}`` mapping."""
        return texts[self.language]

    def number(self, value: float | None, decimals: int = 0) -> str:
        """``1 234,5`` or ``1,234.5``; missing is ``.`` and a value that rounds to zero carries no minus sign."""
        if _missing(value):
            return NOT_AVAILABLE
        text = f"{value:,.{decimals}f}"
        if text.startswith("-"):
            text = text[1:] if not text.strip("-0.,") else MINUS + text[1:]
        if self.language == "nb":
            text = text.translate(str.maketrans({",": NBSP, ".": ","}))
        return text

    def signed(self, value: float | None, decimals: int = 0) -> str:
        """As ``number``, with ``+`` before values above zero."""
        text = self.number(value, decimals)
        return f"+{text}" if not _missing(value) and value > 0 and text.strip("0.,") else text

    def share(self, value: float | None, decimals: int = 0) -> str:
        """A share 0-1 as a bare percentage figure, ``62`` or ``61,9``."""
        return self.number(None if _missing(value) else 100 * value, decimals)

    def percent(self, value: float | None, decimals: int = 0) -> str:
        """A share 0-1 in words: ``62 prosent``, ``62 per cent``."""
        word = "prosent" if self.language == "nb" else "per cent"
        return f"{self.share(value, decimals)}{NBSP}{word}"

    def percent_sign(self, value: float | None, decimals: int = 0) -> str:
        """A share 0-1 with the sign: ``62 %`` (nb), ``62%`` (en)."""
        return f"{self.share(value, decimals)}{NBSP if self.language == 'nb' else ''}%"

    def interval(self, low: float | None, high: float | None, decimals: int = 0) -> str:
        """``[0,12; 0,34]`` or ``[0.12, 0.34]``; missing is ``.``."""
        if _missing(low) or _missing(high):
            return NOT_AVAILABLE
        between = "; " if self.language == "nb" else ", "
        return f"[{self.number(low, decimals)}{between}{self.number(high, decimals)}]"

    def p_value(self, value: float | None) -> str:
        """Three decimals, and ``<0,001`` below that."""
        if _missing(value):
            return NOT_AVAILABLE
        return f"<{self.number(0.001, 3)}" if value < 0.001 else self.number(value, 3)

    def span(self, low: float | None, high: float | None, decimals: int = 0) -> str:
        """``33 til 140`` or ``33 to 140``, and one number where both are printed alike."""
        first, last = self.number(low, decimals), self.number(high, decimals)
        return first if first == last else f"{first} {'til' if self.language == 'nb' else 'to'} {last}"

    def years(self, first: int, last: int) -> str:
        """``2016`` or ``2012–2018``; years carry no thousands mark."""
        return f"{first}" if first == last else f"{first}{EN_DASH}{last}"
