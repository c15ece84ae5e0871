"""Files made to hurt the server that reads them, drawn anew for each seed: the kinds and ten variants of each.

None of them is a business's file; each must be refused with words that help, or read, at a small cost.
"""

import io
import struct
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from random import Random

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns"


@dataclass(frozen=True)
class HostileFile:
    """One file made to do harm.

    Attributes:
        kind: what it tries.
        name: its file name; the ending is that of its content.
        content: its bytes.
    """

    kind: str
    name: str
    content: bytes


Maker = Callable[[Random], tuple[str, bytes]]


def variants(seed: int, each: int = 10, kinds: Iterable[str] = ()) -> Iterator[HostileFile]:
    """So many files of each of these kinds, by default of all; the same seed makes the same files."""
    for kind in kinds or KINDS:
        for number in range(each):
            ending, content = KINDS[kind](Random(f"{seed} {kind} {number}"))
            yield HostileFile(kind, f"{kind}_{number}.{ending}", content)


def package(parts: Mapping[str, str | bytes]) -> bytes:
    """A zip archive with these parts, and with noise that lets them grow no more than a hundredfold."""
    noise = Random(1).randbytes(sum(map(len, parts.values())) // 100)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("noise.bin"), noise)
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def workbook_parts(sheets: Mapping[str, str], *, shared: str = "", styles: str = "", names: str = "") -> dict[str, str]:
    """The parts of a workbook.

    Args:
        sheets: the XML of each sheet, by its name.
        shared: the XML inside the table of shared strings.
        styles: the XML inside the style sheet.
        names: the XML of the defined names.
    """
    numbers = range(1, len(sheets) + 1)
    listed = "".join(
        f'<sheet name="{name}" sheetId="{i}" r:id="rId{i}"/>' for i, name in zip(numbers, sheets, strict=True)
    )
    links = "".join(
        f'<Relationship Id="rId{i}" Type="{_LINKS}/worksheet" Target="worksheets/sheet{i}.xml"/>' for i in numbers
    )
    beside = {"sharedStrings": f"<sst {MAIN}>{shared}</sst>", "styles": f"<styleSheet {MAIN}>{styles}</styleSheet>"}
    links += "".join(f'<Relationship Id="x{part}" Type="{_LINKS}/{part}" Target="{part}.xml"/>' for part in beside)
    types = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    return {
        "[Content_Types].xml": f'<Types xmlns="{types}/content-types"><Default Extension="xml" ContentType="{kind}'
        f'.worksheet+xml"/><Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{types}/relationships"><Relationship Id="rId1" '
        f'Type="{_LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{_LINKS}"><sheets>{listed}</sheets>{names}</workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{types}/relationships">{links}</Relationships>',
        **{f"xl/{part}.xml": text for part, text in beside.items()},
        **{f"xl/worksheets/sheet{i}.xml": text for i, text in zip(numbers, sheets.values(), strict=True)},
    }


def sheet(rows: str, *, before: str = "", after: str = "") -> str:
    """The XML of a sheet with these rows, and what stands before and after them."""
    return f"<worksheet {MAIN}>{before}<sheetData>{rows}</sheetData>{after}</worksheet>"


def text_row(*cells: str) -> str:
    """A row of texts."""
    return "<row>" + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in cells) + "</row>"


def sales(rows: int) -> str:
    """A few ordinary rows, so that there is a table to read."""
    lines = (f"<row><c><v>{45_000 + day}</v></c><c><v>{day % 7 + 3}</v></c></row>" for day in range(rows))
    return text_row("date", "quantity") + "".join(lines)


def open_document(tables: str) -> bytes:
    """An OpenDocument workbook with these tables."""
    names = "".join(f' xmlns:{name}="{_OFFICE}:{name}:1.0"' for name in ("office", "table", "text"))
    body = f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
    return package(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": "<manifest/>",
            "content.xml": f"<office:document-content{names}>{body}</office:document-content>",
        }
    )


def _rows(rng: Random) -> tuple[str, bytes]:
    tag = rng.choice(["<row ", "<x:row ", '<row hidden="', '<row r="1" hidden="1" ', "<row\n", "<rowa "])
    run = tag * rng.randint(30_000, 150_000)
    close = rng.choice(["", ">", "/>", '"></row>'])
    return "xlsx", package(workbook_parts({"S": sheet(sales(9) + run + close)}))


def _columns(rng: Random) -> tuple[str, bytes]:
    tag = rng.choice(["<col ", "<x:col ", '<col hidden="', '<col min="1" max="16384" hidden="1"/>', '<mergeCell ref="'])
    run = tag * rng.randint(30_000, 150_000)
    before, after = rng.choice([(f"<cols>{run}</cols>", ""), ("", f"<mergeCells>{run}</mergeCells>")])
    return "xlsx", package(workbook_parts({"S": sheet(sales(9), before=before, after=after)}))


def _formulas(rng: Random) -> tuple[str, bytes]:
    tags = ['<c t="str"', '<c t="str"><f', '<f a="', "<f><f ", ' t="str"', '<c t="str"><f>a</f><v', "<f/><v>0"]
    run = rng.choice(tags) * rng.randint(20_000, 150_000)
    start = rng.choice(['<c t="str" ', "<c><f>", "<c ", "", '<c r="A1"><f '])
    return "xlsx", package(workbook_parts({"S": sheet(f"{sales(9)}<row>{start}{run}</f></c></row>")}))


def _repeats(rng: Random) -> tuple[str, bytes]:
    count, times = rng.choice([100, 1_000, 9_999, 10_000, 1_048_576]), rng.randint(1, 20_000)
    value = '<table:table-cell office:value-type="float" office:value="1"{}><text:p>1</text:p></table:table-cell>'
    blank = "<table:table-cell{}/>"
    again, wide = f' table:number-rows-repeated="{count}"', f' table:number-columns-repeated="{min(count, 16_384)}"'
    row = rng.choice(
        [
            f"<table:table-row{again}>{value.format('')}</table:table-row>",
            f"<table:table-row{again} " * 2,
            f"<table:table-row>{value.format(wide)}</table:table-row>",
            f"<table:table-row>{blank.format(wide)}{value.format('')}</table:table-row>",
            f"<table:table-row{again}>{blank.format('')}</table:table-row>"
            f"<table:table-row>{value.format('')}</table:table-row>",
            f"<table:table-row><table:table-cell office:value-type='string'><text:p>a<text:s text:c='{count * 900}'/>"
            "</text:p></table:table-cell></table:table-row>",
            '<table:table table:name="T">',
        ]
    )
    return "ods", open_document(f'<table:table table:name="S">{row * times}</table:table>')


def _strings(rng: Random) -> tuple[str, bytes]:
    letters, cells = rng.randint(2_000, 32_000), rng.randint(30_000, 150_000)
    tag = rng.choice(['<c t="s"><v>0</v></c>', "<c t='s'><v>0</v></c>", '<c t="s" ' + " " * 300 + "><v>0</v></c>"])
    across = rng.choice([1, 5, 20])
    rows = f"<row>{tag * across}</row>" * (cells // across)
    shared = f"<si><t>{'a' * letters}</t></si><si><t>date</t></si>"
    return "xlsx", package(workbook_parts({"S": sheet(rows)}, shared=shared))


def _sizes(rng: Random) -> tuple[str, bytes]:
    """A part of hundreds of megabytes of which the archive's directory, or the part's own header, says a few bytes."""
    part = rng.choice(["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/media/image1.png"])
    parts = workbook_parts({"S": sheet(sales(9))})
    filler = rng.choice([" ", "<row/>", "<c/>", "<si><t>a</t></si>"])
    head, _, tail = parts.get(part, "").rpartition("</")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            if name != part:
                archive.writestr(name, text)
        block = (filler * (1_000_000 // len(filler))).encode()
        with archive.open(part, "w", force_zip64=False) as stream:
            stream.write(head.encode())
            for _ in range(rng.randint(150, 700)):
                stream.write(block)
            stream.write(f"</{tail}".encode())
    content = bytearray(buffer.getvalue())
    honest_directory, honest_header = rng.choice([(False, True), (True, False), (False, False)])
    for magic, place, name_at, honest in (
        (b"PK\x01\x02", 24, 46, honest_directory),
        (b"PK\x03\x04", 22, 30, honest_header),
    ):
        at = -1 if honest else content.find(magic)
        while at >= 0:
            if content[at + name_at :].startswith(part.encode()):
                struct.pack_into("<I", content, at + place, rng.choice([0, 100, 5_000]))
            at = content.find(magic, at + 4)
    return "xlsx", bytes(content)


def _headers(rng: Random) -> tuple[str, bytes]:
    words = rng.choice([1_000, 2_000, 4_000, 20_000, 100_000])
    word = rng.choice(["a", "sales", "*", "date of", "qty_", "kumul", "\u00b9"])
    header = rng.choice([" ", "  ", ""]).join([word] * words) + rng.choice(["", "x", "*"])
    if rng.random() < 0.5:
        return "csv", f"date,{header}\n".encode() + b"".join(b"2025-01-%02d,%d\n" % (d, d) for d in range(1, 29))
    rows = sales(20).replace("quantity", header)
    return "xlsx", package(workbook_parts({"S": sheet(rows)}))


def _depth(rng: Random) -> tuple[str, bytes]:
    tag, deep = rng.choice(["a", "r", "is", "t", "row", "text:p"]), rng.randint(50_000, 400_000)
    nest = f"<{tag}>" * deep + "x" + f"</{tag}>" * rng.choice([deep, 0])
    place = rng.choice(["sheet", "shared", "styles", "names", "ods"])
    if place == "ods":
        return "ods", open_document(
            f'<table:table table:name="S"><table:table-row>{nest}</table:table-row></table:table>'
        )
    rows = sales(9) + (f'<row><c t="inlineStr">{nest}</c></row>' if place == "sheet" else "")
    beside = {place: nest} if place != "sheet" else {}
    return "xlsx", package(workbook_parts({"S": sheet(rows)}, **beside))


def _sheets(rng: Random) -> tuple[str, bytes]:
    count, alike = rng.choice([400, 2_000, 8_000, 20_000]), rng.random() < 0.5
    row = sales(rng.choice([1, 5]))
    if rng.random() < 0.3:
        tables = (f'<table:table table:name="S{i}"><table:table-row/></table:table>' for i in range(count))
        return "ods", open_document("".join(tables))
    return "xlsx", package(
        workbook_parts({f"S{i}": sheet(row if alike else row.replace("date", f"d{i}")) for i in range(count)})
    )


def _names(rng: Random) -> tuple[str, bytes]:
    count = rng.randint(50_000, 300_000)
    one = rng.choice(
        ['<definedName name="n{}">S!$A$1</definedName>', '<definedName name="n{}" localSheetId="0">{}</definedName>']
    )
    names = "".join(one.replace("{}", str(i)) for i in range(count))
    return "xlsx", package(workbook_parts({"S": sheet(sales(9))}, names=f"<definedNames>{names}</definedNames>"))


def _merges(rng: Random) -> tuple[str, bytes]:
    area = rng.choice(["A1:XFD1048576", "A2:A1048576", "B1:B1048576", "A1:XFD1", "A1:ZZZZ99999999", "A2:A400"])
    count = rng.choice([1, 4_000, 100_000])
    merges = "<mergeCells>" + f'<mergeCell ref="{area}"/>' * count + "</mergeCells>"
    rows = sales(400) if rng.random() < 0.5 else text_row("date", "shop") + text_row("2025-01-01", "") * 400
    return "xlsx", package(workbook_parts({"S": sheet(rows, after=merges)}))


def _entities(rng: Random) -> tuple[str, bytes]:
    run = rng.choice(["&amp;", "&", "&#65;", "&#x", "&a", "&#0", "&lt;&gt;", "&amp"]) * rng.randint(20_000, 300_000)
    place = rng.choice(["cell", "sheet name", "attribute", "shared", "doctype", "ods name"])
    if place == "ods name":
        return "ods", open_document(f'<table:table table:name="{run}"><table:table-row/></table:table>')
    if place == "doctype":
        many = "".join(f'<!ENTITY e{i} "&e0;&e0;&e0;&e0;&e0;">' for i in range(9_000))
        text = f"<!--{'x' * rng.choice([0, 5_000])}--><!DOCTYPE x [{many}]>" + sheet(sales(9))
        return "xlsx", package(workbook_parts({"S": text}))
    rows = sales(9) + (text_row(run) if place == "cell" else f'<row r="{run}"/>' if place == "attribute" else "")
    shared = f"<si><t>{run}</t></si>" if place == "shared" else ""
    return "xlsx", package(workbook_parts({run if place == "sheet name" else "S": sheet(rows)}, shared=shared))


def _parts(rng: Random) -> tuple[str, bytes]:
    folder = rng.choice(["xl/worksheets/", "xl/", "a/", "xl/worksheets/_rels/", "docProps/"])
    ending = rng.choice([".xml", ".rels", ".bin"])
    parts = workbook_parts({"S": sheet(sales(9))})
    count = rng.choice([3_000, 20_000, 65_000, 120_000])
    return "xlsx", package({**parts, **{f"{folder}{i}{ending}": "<a/>" for i in range(count)}})


def _line(rng: Random) -> tuple[str, bytes]:
    unit = rng.choice(["a", "1,", "a;", "date,", "1 ", "1.000,", "\t", "|a", "é,", '"",', "*", "1-", "' "])
    start = rng.choice(["", "date,quantity\n2025-01-01,3\n2025-01-02,4\n2025-01-03,5\n"])
    return "csv", (start + unit * (rng.choice([60_000, 1_000_000, 30_000_000]) // len(unit))).encode()


def _field(rng: Random) -> tuple[str, bytes]:
    start = rng.choice(["date,quantity\n2025-01-01,3\n", "a\tb\tc\n1\t2\t3\n", ""])
    unit = rng.choice(["a", "a,b\n", "2025-01-01,3\n", '""', "a,\n", 'a "b,c,d\n', '",\n', '\\"'])
    long = unit * (rng.choice([60_000, 1_000_000, 10_000_000]) // len(unit))
    return "csv", f'{start}2025-01-02,"{long}'.encode()


def _cells(rng: Random) -> tuple[str, bytes]:
    """Long runs in ordinary cells, on which an expression may go back and forth."""
    unit = rng.choice(
        ["1", "1 ", "1,", "1.", "-", "(", " ", "a", "a ", "$", "€ ", "1/", "2025-", "*", "_", "'", "\u0661"]
    )
    run = unit * (rng.choice([1_000, 20_000, 120_000]) // len(unit)) + rng.choice(["", "x", "1", "%"])
    column = rng.randrange(2)
    cells = [[f"2025-01-0{day}", str(day)] for day in range(1, 9)]
    for row in rng.sample(range(8), rng.choice([1, 7])):
        cells[row][column] = run
    return "csv", "\n".join(["date;sales €", *(";".join(row) for row in cells)]).encode()


def _far(rng: Random) -> tuple[str, bytes]:
    place = rng.choice(
        ['r="XFD1048576"', "r='XFD1048576'", 'r = "XFD1048576"', 'r="xfd1048576"', 'r="ZZZZZZZ1"', 'r="A99999999999"']
    )
    if rng.random() < 0.4:
        wide = "<row>" + "<c><v>1</v></c>" * rng.choice([16_384, 60_000]) + "</row>"
        return "xlsx", package(workbook_parts({"S": sheet(wide + "<row><c><v>1</v></c></row>" * 60_000)}))
    row = rng.choice([f"<row><c {place}><v>1</v></c></row>", '<row r="1048576"><c><v>1</v></c></row>'])
    return "xlsx", package(workbook_parts({"S": sheet(sales(9) + row * rng.choice([1, 3_000]))}))


def _styles(rng: Random) -> tuple[str, bytes]:
    count = rng.randint(50_000, 300_000)
    formats = "".join(f'<numFmt numFmtId="{i}" formatCode="0.{i}"/>' for i in range(count))
    brackets = "[$" * count
    styles = rng.choice(
        [
            "<cellXfs>" + '<xf numFmtId="14"/>' * count + "</cellXfs>",
            f"<numFmts>{formats}</numFmts>",
            f'<numFmts><numFmt numFmtId="200" formatCode="{brackets}"/></numFmts>',
            "<fonts>" + "<font><b/></font>" * count + "</fonts>",
        ]
    )
    return "xlsx", package(workbook_parts({"S": sheet(sales(9).replace("quantity", "sales"))}, styles=styles))


def _blocks(rng: Random) -> tuple[str, bytes]:
    """Tables as wide or as broken up as may be."""
    width = rng.choice([700, 1_000, 16_384])
    header = ",".join(rng.choice(["a", "sales", f"d{i}"]) for i in range(width))
    row = ",".join(rng.choice(["1", "2025-01-01", "x", ""]) for _ in range(width))
    gap = rng.choice(["", "\n", "\n" * 3])
    return "csv", (header + "\n" + (row + "\n" + gap) * rng.choice([50, 400])).encode()


def _attributes(rng: Random) -> tuple[str, bytes]:
    """One tag with attributes without end, which readers compare with each other."""
    count = rng.randint(5_000, 100_000)
    form = rng.choice([' a{}=""', " a{}=''", ' a{}="<"', ' a{}=">"'])
    many = "".join(form.format(number) for number in range(count))
    place = rng.choice(["row", "cell", "sheet", "cols", "ods"])
    if place == "ods":
        return "ods", open_document(f'<table:table table:name="S"><table:table-row{many}/></table:table>')
    rows = sales(9) + (f"<row{many}/>" if place == "row" else f"<row><c{many}/></row>" if place == "cell" else "")
    before = f"<cols{many}/>" if place == "cols" else ""
    return "xlsx", package(workbook_parts({f'S"{many} b="' if place == "sheet" else "S": sheet(rows, before=before)}))


KINDS: dict[str, Maker] = {
    "rows": _rows,
    "columns": _columns,
    "formulas": _formulas,
    "repeats": _repeats,
    "strings": _strings,
    "sizes": _sizes,
    "headers": _headers,
    "depth": _depth,
    "sheets": _sheets,
    "names": _names,
    "merges": _merges,
    "entities": _entities,
    "parts": _parts,
    "line": _line,
    "field": _field,
    "cells": _cells,
    "far": _far,
    "styles": _styles,
    "blocks": _blocks,
    "attributes": _attributes,
}
"""What a file may try, and what makes one that does."""
