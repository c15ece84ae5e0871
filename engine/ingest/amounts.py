"""Numbers as people write them: the decimal mark is decided once for a whole column, never cell by cell."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

CURRENCIES = {
    "€": "EUR",
    "£": "GBP",
    "zł": "PLN",
    "¥": "JPY",
    "₹": "INR",
    "Kč": "CZK",
    "R$": "BRL",
    "C$": "CAD",
    "A$": "AUD",
    "NZ$": "NZD",
    "US$": "USD",
    "$": "USD",
    "Ft": "HUF",
    "Fr.": "CHF",
    "SFr.": "CHF",
    "Rs.": "INR",
    "Rs": "INR",
    "MX$": "MXN",
    "AU$": "AUD",
    "CA$": "CAD",
    "HK$": "HKD",
    "S$": "SGD",
    "NT$": "TWD",
    "AR$": "ARS",
    "CLP$": "CLP",
    "COL$": "COP",
    "₺": "TRY",
    "TL": "TRY",
    "₴": "UAH",
    "₽": "RUB",
    "₪": "ILS",
    "₩": "KRW",
    "₫": "VND",
    "฿": "THB",
    "₱": "PHP",
    "₦": "NGN",
    "Rp": "IDR",
    "KSh": "KES",
    "лв": "BGN",
    "lei": "RON",
}
"""What owners write, and the ISO code that it most often stands for."""

CODES = tuple(
    re.findall(
        "[A-Z]{3}",
        """
    EUR USD GBP CHF PLN SEK NOK DKK CZK HUF RON BGN CAD AUD NZD JPY CNY INR BRL MXN ARS CLP COP ZAR TRY
    AED AZN BDT BHD BOB CRC DOP DZD EGP GEL GHS GTQ HKD HNL IDR ILS IQD ISK JMD JOD KES KRW KWD KZT LBP LKR MAD MKD MUR
    MYR NGN NPR OMR PHP PKR PYG QAR RSD RUB SAR SGD THB TND TWD TZS UAH UGX UYU UZS VND XAF XOF ZMW
""",
    )
)

BLANK_MARKS = ("-", "--", "---", "–", "—", ".", "..", "n/a", "na", "n.a.", "#n/a", "nan", "null", "none", "nil", "?")
"""Ways to write "nothing" into a cell of numbers or dates, in lower case."""

_WITHHELD = r"^(?:[<>≤≥]\s*\d[\d.,]*|\*+|…|:|\(?[csx]\)|suppressed|withheld)$"
"""Marks in published tables for a number that is kept back, mostly because it is small."""

_FOOTNOTE = r"(\d)\s*(?:[*†‡¹²³⁴⁵⁶⁷⁸⁹]+|\[\w{1,2}\]|\([a-z]{1,4}\.?\))$"
_TYPED_AS_TEXT = r"""^(?:'|="?)(\S.*?)"?$"""
"""A number that somebody protected from the spreadsheet program: '12.50 or ="12.50"."""

SIMPLE_NUMBER = r"^-?\d+(?:\.\d{1,2})?$"
"""Numbers that need no decision."""

_WITH_UNIT = r"^[-+]?\d[\d.,' ]*?\s*(?P<unit>[^\W\d_]{1,6})\.?$"
_MULTIPLIERS = re.compile(r"[kmbthsex]|tsd|td|mi[lo]|m[lr]d|mln|mill|million|bn|mn|lakh|crore|[cd]r")
"""Letters behind a number that change what it is worth, or its sign."""

_WITH_MARK = (
    r"^[-+(]?\s*(?P<before>[^\W\d_]{1,4}\$?)?\.?\s*[-+(]?\d[\d.,' \u00a0\u202f]*[.,]\d{2}\)?"
    r"\s*(?P<behind>[^\W\d_]{1,4}\$?)?\.?$"
)
_MARKED, _MOST_PLAIN = 0.9, 0.5
"""Share of the amounts that carry the mark, and of the cells that can be read without one at most."""

_FEWEST_WITH_UNIT = 3
_SYMBOL = "|".join(re.escape(symbol) for symbol in sorted(CURRENCIES, key=len, reverse=True))
_MONEY = rf"(?:{_SYMBOL}|kr\.?|{'|'.join(CODES)})"
_SHAPE = (
    rf"(?i)^(?P<open>\()?\s*(?P<before>[-+])?\s*(?:{_MONEY})?\s*(?P<inner>[-+(])?\s*"
    rf"(?P<body>\d[\d., ']*?|[.,]\d+)(?:[.,/]-+)?(?P<power>e[-+]?\d{{1,3}})?"
    rf"\s*(?P<unit>%|{_MONEY})?\s*(?P<after>[-+])?\s*\)?$"
)
_BARE = r"^[-+]?(?:\d[\d., ']*|[.,]\d+)$"
_RARE_PARTS = ("open", "inner", "power", "unit", "after")
_SYMBOL_IN_TEXT = re.compile(rf"(?<![A-Za-z])(?:{_SYMBOL}|{'|'.join(CODES)})(?![A-Za-z])")


@dataclass(frozen=True)
class NumberEvidence:
    """What a column's cells say about how its numbers are written; all are counts of cells.

    Attributes:
        point: cells that only make sense with a decimal point.
        comma: cells that only make sense with a decimal comma.
        either_point: cells like "1.234", which may be a thousand or one and a bit.
        either_comma: cells like "1,234".
        percent: cells that end in a percent sign.
        three_digits: whole numbers of three digits.
        four_digits: whole numbers of four digits and more without any mark.
    """

    point: int
    comma: int
    either_point: int
    either_comma: int
    percent: int
    three_digits: int = 0
    four_digits: int = 0

    @property
    def decimal(self) -> str:
        """The decimal mark that most of the cells call for; "" when none does."""
        if self.point == self.comma:
            return ""
        return "." if self.point > self.comma else ","


def looks_like_number(text: pl.Series) -> pl.Series:
    """True for each cell that is shaped like a number."""
    return plain(text).str.contains(_SHAPE)


def blank_marks(text: pl.Series) -> pl.Series:
    """True for each cell that says "nothing", "unknown" or "withheld"."""
    lowered = text.str.to_lowercase()
    return lowered.is_in(list(BLANK_MARKS)) | lowered.str.contains(_WITHHELD)


def with_footnotes(text: pl.Series) -> pl.Series:
    """True for each cell that is a number with a footnote's mark behind it."""
    return text.str.contains(_FOOTNOTE) & looks_like_number(text)


def common_unit(cells: pl.Series) -> str:
    """The one unit that stands behind the numbers of a column ("12 pcs", "3 kg"), in lower case.

    Where units differ, or where they multiply ("3k", "2 Mio"), it is "".

    Args:
        cells: each different cell once.
    """
    if cells.str.contains(_BARE).all():
        return ""
    parts = cells.str.to_lowercase().str.extract_groups(_WITH_UNIT).struct.unnest().drop_nulls()
    units = parts["unit"].unique().to_list()
    if len(units) != 1 or _MULTIPLIERS.fullmatch(units[0]) or parts.height < min(_FEWEST_WITH_UNIT, len(cells)):
        return ""
    money = looks_like_number(pl.Series([f"1 {units[0]}"]))[0]
    return "" if money else str(units[0])


def money_mark(cells: pl.Series) -> str:
    """The one word of letters that stands before or behind the amounts of a column, whatever currency it is.

    Amounts have two decimals: "PR 107" is the number of a document.

    Args:
        cells: each different cell once.
    """
    if len(cells) < _FEWEST_WITH_UNIT or looks_like_number(cells).mean() > _MOST_PLAIN:  # type: ignore[operator]
        return ""
    parts = cells.str.extract_groups(_WITH_MARK).struct.unnest()
    marks = (
        pl.concat([parts["before"], parts["behind"]])
        .drop_nulls()
        .filter(pl.concat([parts["before"], parts["behind"]]).drop_nulls() != "")
    )
    found = marks.unique().to_list()
    return str(found[0]) if len(found) == 1 and len(marks) >= _MARKED * len(cells) else ""


def without_unit(text: pl.Series, unit: str) -> pl.Series:
    """The cells without this unit behind or before their numbers."""
    mark = re.escape(unit)
    return text.str.replace(rf"(?i)^(.*\d)\s*{mark}\.?$", "$1").str.replace(
        rf"(?i)^([-+(]?)\s*{mark}\.?\s*([-+(]?\d)", "$1$2"
    )


def number_evidence(cells: pl.Series, counts: pl.Series) -> NumberEvidence:
    """Count what the cells of one column show.

    Args:
        cells: each different cell once.
        counts: how often each comes.
    """
    if cells.str.contains(SIMPLE_NUMBER).all():
        return _simple_evidence(cells, counts)
    clean = plain(cells)
    body = _parts(clean)["body"].fill_null("")

    def count(pattern: str, among: pl.Series = body) -> int:
        return int(counts.filter(among.str.contains(pattern)).sum())

    either_point = count(r"^[1-9]\d{0,2}\.\d{3}$")
    either_comma = count(r"^[1-9]\d{0,2},\d{3}$")
    return NumberEvidence(
        point=count(r"^[^.]*,[^.]*\.\d*$|^[^,]*,[^,]*,[^,]*$|^[^.,]*\.\d*$") - either_point,
        comma=count(r"^[^,]*\.[^,]*,\d*$|^[^.]*\.[^.]*\.[^.]*$|^[^.,]*,\d*$") - either_comma,
        either_point=either_point,
        either_comma=either_comma,
        percent=count("%$", clean),
        three_digits=count(r"^\d{3}$"),
        four_digits=count(r"^\d{4,}$"),
    )


def _simple_evidence(cells: pl.Series, counts: pl.Series) -> NumberEvidence:
    digits = cells.str.strip_chars_start("-").str.len_chars()
    point = cells.str.contains(".", literal=True)
    return NumberEvidence(
        point=int(counts.filter(point).sum()),
        comma=0,
        either_point=0,
        either_comma=0,
        percent=0,
        three_digits=int(counts.filter(~point & (digits == 3)).sum()),
        four_digits=int(counts.filter(~point & (digits > 3)).sum()),
    )


def parse_numbers(text: pl.Series, decimal: str) -> pl.Series:
    """The column as Float64; a cell that is no number under this decimal mark becomes null.

    Brackets and a minus before or after the digits make a number negative; "12 %" is 0.12.
    """
    if decimal == "." and text.str.contains(SIMPLE_NUMBER).all():
        return text.cast(pl.Float64)
    group = "," if decimal == "." else "."
    mark = re.escape(decimal)
    valid = rf"^(?:\d+|\d{{1,3}}(?:[{group} ']\d{{2,3}})*[{group} ']\d{{3}})?(?:{mark}\d*)?$"
    parts = _parts(plain(text))
    digits = (
        pl.when(pl.col("body").str.contains(valid))
        .then(pl.col("body").str.replace_all(rf"[{group} ']", "").str.replace(decimal, ".", literal=True))
        .otherwise(None)
    )
    signs = pl.col("before", "inner", "after").fill_null("")
    negative = pl.col("open").is_not_null() | pl.any_horizontal(signs.is_in(["-", "("]))
    value = (digits + pl.col("power").fill_null("")).cast(pl.Float64, strict=False)
    scale = pl.when(pl.col("unit") == "%").then(0.01).otherwise(1.0)
    signed = pl.when(negative).then(-value * scale).otherwise(value * scale)
    # 0.29 %, not 0.0029000000000000002 %: dividing keeps the digits that were written.
    exact = pl.when(pl.col("unit") == "%").then(signed.round(12)).otherwise(signed)
    return parts.select(exact.alias(text.name)).to_series()


def plain(text: pl.Series) -> pl.Series:
    """The cells with one kind of blank, minus and apostrophe."""
    return (
        text.str.replace_all("[\u00a0\u2007\u2009\u202f]", " ")
        .str.replace_all("[\u2212\u2013\u2014]", "-")
        .str.replace_all("[\u2019`´]", "'")
        .str.replace(_TYPED_AS_TEXT, "$1")
        .str.replace(_FOOTNOTE, "$1")
    )


def currencies(texts: Iterable[str]) -> set[str]:
    """The ISO codes of the currencies named in cells, headers or number formats.

    >>> currencies(["Price (EUR)", "#,##0.00 [$£-809]"]) == {"EUR", "GBP"}
    True
    """
    codes: set[str] = set()
    for text in texts:
        # Excel writes a format's currency as [$€-407] or [$CHF]; the dollar sign there is only punctuation.
        cleaned = re.sub(r"\[\$([^\]-]*)(?:-[^\]]*)?\]", r" \1 ", text).replace("_", " ").replace('"', " ")
        codes |= {CURRENCIES.get(match, match) for match in _SYMBOL_IN_TEXT.findall(cleaned)}
    return codes


def _parts(text: pl.Series) -> pl.DataFrame:
    if text.str.contains(_BARE).all():
        # Nine columns of ten: no symbol, bracket or power, so the costly pattern with groups is not needed.
        cells = pl.DataFrame({"body": text.str.strip_chars_start("+-"), "before": text.str.extract("^([-+])")})
        return cells.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in _RARE_PARTS)
    return text.str.extract_groups(_SHAPE).struct.unnest()
