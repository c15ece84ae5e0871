"""The exports of well-known systems, recognised by the headers that only they write."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from engine.dataset import TableKind
from engine.ingest.meaning.concepts import Concept
from engine.ingest.meaning.names import normal

_ANY_CURRENCY = "{currency}"
"""Stands in a header for the code of the account's currency: "Amount spent ({currency})"."""

_CURRENCIES = (
    "EUR USD GBP CHF AUD CAD NZD SEK NOK DKK PLN CZK HUF RON BGN TRY INR JPY CNY HKD SGD MYR THB IDR PHP VND ZAR "
    "AED SAR ILS BRL MXN COP CLP PEN ARS"
)


@dataclass(frozen=True)
class KnownExport:
    """One table that a system exports.

    Attributes:
        system: the product's name, as its maker writes it.
        name: which of its exports.
        kind: what the table is.
        columns: what each header means, the header as `normal` writes it; those that say it themselves may be missing.
    """

    system: str
    name: str
    kind: TableKind
    columns: Mapping[str, Concept]


@dataclass(frozen=True)
class ExportEntry:
    """An export and how it is recognised.

    Attributes:
        export: the export.
        signature: headers that together occur in no other system; each is the set of its spellings.
    """

    export: KnownExport
    signature: tuple[frozenset[str], ...]

    def fits(self, headers: frozenset[str]) -> bool:
        """True when every header of the signature is there; `headers` are as `normal` writes them."""
        return all(spellings & headers for spellings in self.signature)


def known_export(headers: Sequence[str]) -> KnownExport | None:
    """The export that a table with these headers is, or None; of several, the one with the longest signature.

    >>> known_export(["Name", "Financial Status", "Lineitem quantity", "Lineitem name"]).system
    'Shopify'
    >>> known_export(["Date", "Item", "Qty", "Price"]) is None
    True
    """
    present = frozenset(normal(header) for header in headers)
    fitting = [entry for entry in registry() if entry.fits(present)]
    return max(fitting, key=lambda entry: len(entry.signature)).export if fitting else None


@cache
def registry() -> tuple[ExportEntry, ...]:
    """Every known export, by system; each file of the folder is one system.

    Raises:
        KeyError: an entry lacks a field.
        ValueError: a kind or a concept does not exist, or one header of an export means two things.
    """
    folder = files("engine.ingest.meaning").joinpath("known")
    texts = [
        file.read_text(encoding="utf-8")
        for file in sorted(folder.iterdir(), key=lambda file: file.name)
        if file.name.endswith(".toml")
    ]
    return tuple(entry for text in texts for entry in _entries(tomllib.loads(text)))


def _entries(system: Mapping[str, Any]) -> Iterator[ExportEntry]:
    for table in system["export"]:
        export = KnownExport(system["system"], table["name"], TableKind(table["kind"]), _columns(table["columns"]))
        yield ExportEntry(export, tuple(_spellings(header) for header in table["signature"]))


def _columns(concepts: Mapping[str, str]) -> Mapping[str, Concept]:
    columns: dict[str, Concept] = {}
    for header, concept in concepts.items():
        for spelling in _spellings(header):
            if columns.setdefault(spelling, Concept(concept)) != concept:
                raise ValueError(f'"{header}" means two things: {columns[spelling]} and {concept}')
    return columns


def _spellings(header: str) -> frozenset[str]:
    if _ANY_CURRENCY not in header:
        return frozenset({normal(header)})
    return frozenset(normal(header.replace(_ANY_CURRENCY, code)) for code in _CURRENCIES.split())
