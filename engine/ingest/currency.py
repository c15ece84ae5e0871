"""The currency of a file: from headers, cells, or the number formats of its workbook."""

from collections.abc import Sequence

from engine.dataset import CleaningReport, Table
from engine.ingest import amounts
from engine.ingest.header import Body
from engine.ingest.package import opendocument_currencies
from engine.ingest.read import number_formats
from engine.ingest.roles import MONEY_ROLES
from engine.ingest.sniff import FileKind


def currency_of(entries: Sequence[tuple[Table, Body]], content: bytes, kind: FileKind) -> tuple[str, CleaningReport]:
    """The ISO code of the one currency that the file names, "" when it names none or several.

    Args:
        entries: each table, and where on its sheet it was.
        content: the file's bytes.
        kind: what the file is; of some kinds the number formats can be read.
    """
    codes: set[str] = set()
    for table, body in entries:
        codes |= _named_currencies(table, body)
        if not codes and kind is FileKind.XLSX:
            codes |= _formatted_currencies(table, body, content)
    if not codes and kind is FileKind.ODS:
        codes = opendocument_currencies(content) & set(amounts.CODES)
    if len(codes) > 1:
        line = f"The file names several currencies ({', '.join(sorted(codes))}); amounts were not converted."
        return "", CleaningReport(warnings=(line,))
    currency = next(iter(codes), "")
    return currency, CleaningReport((f"amounts in {currency}",) if currency else ())


def _named_currencies(table: Table, body: Body) -> set[str]:
    kinds = {column.name: column for column in table.columns}
    texts: list[str] = []
    for index, name in enumerate(body.names):
        cells = body.text[str(index)].drop_nulls()
        column = kinds.get(name)
        if column is None or column.role in MONEY_ROLES or column.kind == "number":
            texts += [name, *cells.head(200).unique()]
        elif cells.n_unique() <= 5 and len(cells) and cells.is_in(amounts.CODES).all():
            texts += cells.unique().to_list()
    return amounts.currencies(texts)


def _formatted_currencies(table: Table, body: Body, content: bytes) -> set[str]:
    money = {column.name for column in table.columns if column.role in MONEY_ROLES}
    places = [body.positions[index] for index, name in enumerate(body.names) if name in money]
    if not places:
        return set()
    formats = number_formats(content, table.name, header_row=body.header_row)
    return amounts.currencies(formats.get(place, "") for place in places)
