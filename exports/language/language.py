"""One reader's language: texts, numbers, dates, amounts, odds.

Belongs here: how a value is written for a reader. Not here: which value is shown, or where.
Amounts go in as DKK. None and NaN are written as the catalogue's `format.missing`.
"""

import math
import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

from exports.language.catalogue import LANGUAGES, load_catalogue

LOCALES = {"da": "da_DK", "en": "en_GB"}
SCALES = Path(__file__).parent / "scales"
MILLION = Decimal(1_000_000)
# A real minus sign: as wide as the plus, and never the end of a line.
MINUS = "\N{MINUS SIGN}"
_DOUBLE_STOP = re.compile(r"(?<!\.)\.\.(?=\s|$)")


def _is_missing(value: Any) -> bool:
    return bool(pd.isna(value))


def _rounded(value: Any, decimals: int) -> Decimal:
    """Half up, as people round by hand, and never a negative zero."""
    if not math.isfinite(float(value)):
        raise ValueError(f"Not a number that can be written: {value}")
    exact = value if isinstance(value, Decimal) else Decimal(str(float(value)))
    return exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP) + 0


def _as_date(value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])


class Language:
    """Texts and formats for one language code (`da` or `en`).

    Raises ValueError for a language without catalogue.
    """

    def __init__(self, code: str) -> None:
        if code not in LANGUAGES:
            raise ValueError(f"Unknown language '{code}': expected one of {', '.join(LANGUAGES)}")
        self.code = code
        self.locale = Locale.parse(LOCALES[code])
        self._catalogue = load_catalogue()
        self._scales = yaml.safe_load((SCALES / "odds.yml").read_text(encoding="utf-8"))

    def text(self, key: str, **values: Any) -> str:
        """The catalogue's text with `{name}` filled in. KeyError names a missing key or value.

        A sentence that ends in an abbreviation (… mio. kr.) has one full stop, not two.
        """
        if key not in self._catalogue:
            raise KeyError(f"No text '{key}' in the catalogue")
        template = self._catalogue[key][self.code]
        try:
            return _DOUBLE_STOP.sub(".", template.format(**values))
        except KeyError as error:
            raise KeyError(f"Text '{key}' needs the value {error}") from error

    def has(self, key: str) -> bool:
        """Whether the catalogue knows the key (for labels of data values)."""
        return key in self._catalogue

    def column(self, name: str) -> str:
        """The column that carries this language's label: `label` gives `label_da`."""
        return f"{name}_{self.code}"

    def number(self, value: Any, decimals: int = 0) -> str:
        """A plain number with the language's separators: 1.234,5."""
        if _is_missing(value):
            return self.text("format.missing")
        pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
        written = str(format_decimal(_rounded(value, decimals), pattern, locale=self.locale))
        return written.replace("-", MINUS)

    def millions(self, value: Any, decimals: int = 1) -> str:
        """DKK as bare millions, for tables whose heading says so: 138,4."""
        if _is_missing(value):
            return self.text("format.missing")
        return self.number(Decimal(str(float(value))) / MILLION, decimals)

    def amount(self, value: Any, decimals: int = 1) -> str:
        """DKK in millions with the unit: 138,4 mio. kr."""
        if _is_missing(value):
            return self.text("format.missing")
        return self.text("format.amount", number=self.millions(value, decimals))

    def kroner(self, value: Any) -> str:
        """DKK to the krone with the unit: 1.234.567 kr."""
        if _is_missing(value):
            return self.text("format.missing")
        return self.text("format.kroner", number=self.number(value))

    def signed(self, write: Callable[[Any], str], value: Any) -> str:
        """A difference as `write` writes it, with + or the minus sign; no sign where it reads 0."""
        if _is_missing(value):
            return self.text("format.missing")
        size = write(abs(value))
        if size == write(0):
            return size
        return f"{'+' if value > 0 else MINUS}{size}"

    def percent(self, share: Any, decimals: int = 0) -> str:
        """A share of 1 in per cent: 0.853 gives 85 pct."""
        if _is_missing(share):
            return self.text("format.missing")
        return self.text("format.percent", number=self.number(float(share) * 100, decimals))

    def date(self, value: Any) -> str:
        """31. oktober 2026."""
        if _is_missing(value):
            return self.text("format.missing")
        return str(format_date(_as_date(value), "long", locale=self.locale))

    def month(self, value: Any) -> str:
        """oktober 2026."""
        if _is_missing(value):
            return self.text("format.missing")
        return str(format_date(_as_date(value), "MMMM y", locale=self.locale))

    def short_month(self, value: Any) -> str:
        """okt. 2026, for axes and narrow columns."""
        if _is_missing(value):
            return self.text("format.missing")
        return str(format_date(_as_date(value), "MMM y", locale=self.locale))

    def odds(self, probability: Any) -> str:
        """A probability in words and in round per cent: meget sandsynligt (ca. 85 pct.).

        The words and the rounding are `scales/odds.yml`.
        """
        if _is_missing(probability):
            return self.text("odds.unknown")
        share = float(probability)
        word = next(step["word"] for step in self._scales["words"] if share <= step["up_to"])
        return self.text("odds.phrase", word=self.text(f"odds.{word}"), number=self.chance(share))

    def chance(self, probability: Any) -> str:
        """A probability in round per cent alone: ca. 85 pct., over 95 pct."""
        low, high, step = (self._scales[key] for key in ("floor", "ceiling", "round_to"))
        share = float(probability)
        if share < low:
            return self.text("odds.under", number=self.percent(low))
        if share > high:
            return self.text("odds.over", number=self.percent(high))
        return self.text("odds.about", number=self.percent(round(share / step) * step))

    def deviation(self, value: Any) -> str:
        """Expected outturn less budget, in words: merforbrug på 2,3 mio. kr."""
        if _is_missing(value):
            return self.text("format.missing")
        if not _rounded(Decimal(str(float(value))) / MILLION, 1):
            return self.text("deviation.none")
        key = "deviation.over" if float(value) > 0 else "deviation.under"
        return self.text(key, amount=self.amount(abs(float(value))))
