"""What a file is and in which letters it is written, by its bytes: the ending of its name decides nothing."""

import csv
import io
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from engine.errors import UnreadableFile

SAMPLE_CHARACTERS = 100_000
SAMPLE_ROWS = 200
_MOST_CONTROLS = 0.05
"""Share of control characters above which bytes are no text; of random bytes every eighth is one."""

PACKAGE_ERRORS = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError, ValueError)
"""What a damaged zip package raises."""

DELIMITERS = ("\t", ";", "|", ",")
"""In the order in which ties are settled: a comma is often part of a number or a sentence, a tab never is."""

_SAVE_AS = "Open it in a spreadsheet program and save it as .xlsx or .csv, then choose that file."
_PICTURES = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"BM": "a bitmap picture",
    b"II*\x00": "a TIFF picture",
    b"MM\x00*": "a TIFF picture",
}
_OTHERS = {
    b"%PDF": "a PDF document",
    b"{\\rtf": "a text document (RTF)",
    b"\x1f\x8b": "a compressed file (gzip)",
    b"7z\xbc\xaf": "a compressed file (7-Zip)",
    b"Rar!": "a compressed file (RAR)",
    b"SQLite format 3\x00": "a database",
    b"PAR1": "a Parquet file",
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"

_SAMPLE_BYTES = 400_000

# What each encoding is likely to mean in a business's text, and letters that are right only beside a blank or digit.
_WESTERN = "äöüßÄÖÜéèêëÉÈÊàâáãåÀÂÁçÇîïíìñÑóòôõøúùûæœÓ€£°«»–—’‘“”…§½²©®"
_CENTRAL = "ąćęłńóśźżĄĆĘŁŃÓŚŹŻäöüßÄÖÜéÉáíúčřšžěůťďňýŠŽČő€–—’„”“…§°"
_NEVER_IN_A_WORD = "³¹¿¯£¢¥¤¦¶·¸¼¾×÷±"
_ALSO_ODD_ON_A_MAC = "–—…„“”‘’§°•†‡‰™"
_TURKISH = "ğĞşŞıİöüÖÜçÇâîÂ€°–—’“”…"
_NEVER_TURKISH = "æÆáÁíÍóÓúÚåÅøØ"
_SINGLE_BYTE = {
    "cp1252": _WESTERN,
    "cp1254": _TURKISH,
    "cp1250": _CENTRAL,
    "iso8859_2": _CENTRAL,
    "mac_roman": _WESTERN,
}
_DOUBLE_BYTE = ("cp949", "euc_jp", "cp932", "gb18030", "cp950")
_KANA = "".join(map(chr, range(0x3041, 0x30FF)))
_EVERYDAY_HANGUL = (
    "이다의는에가을로고하지기한사리아인서나스대시어도그자정수일부장구상주전보원트비유제공오과면동성조용우선경마여소신해안연진화"
    "개국무물회세만라니드레미카커피파프크케식빵차홍음료품날짜량매출금액합계점명고객월년은를들있것생산문교체실중"
)
_OWN_LETTERS = {"cp949": (_EVERYDAY_HANGUL, 0.25), "euc_jp": (_KANA, 0.15)}
"""Letters that are everyday ones in Korean and in Japanese alone, and the least share that they make up of a text.

The same bytes make Chinese letters, but then hardly ever these.
"""

_CJK_MARKS = "、。「」（）：；，！？・ー％＋－　＄￥"
_SURE_CJK = 0.6
"""Share of the letters beyond ASCII that must be everyday ones, net of rare ones."""


class FileKind(StrEnum):
    """The kinds of file in which tables live."""

    XLSX = "Excel workbook"
    XLSB = "Excel binary workbook"
    XLS = "Excel 97-2003 workbook"
    ODS = "OpenDocument spreadsheet"
    TEXT = "text"


_ENDINGS = {
    FileKind.XLSX: ("xlsx", "xlsm", "xltx", "xltm"),
    FileKind.XLSB: ("xlsb",),
    FileKind.XLS: ("xls", "xlt"),
    FileKind.ODS: ("ods", "ots"),
    FileKind.TEXT: ("csv", "tsv", "txt", "tab", "dat", "asc", "prn"),
}


@dataclass(frozen=True)
class DecodedText:
    """The text of a file, and the encoding that it was written in."""

    text: str
    encoding: str


def sniff(content: bytes) -> FileKind:
    """What kind of table file these bytes are.

    Raises:
        UnreadableFile: it is empty, a picture, a document, locked with a password, damaged, or a kind we do not read.
    """
    if not content.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise UnreadableFile("The file is empty", remedy="Check that it was saved, then choose it again.")
    for magic, what in (_PICTURES | _OTHERS).items():
        if content.startswith(magic) and (len(magic) > 2 or b"\x00" in content[:64]):
            raise UnreadableFile(f"The file is {what}, not a table", remedy="Choose the spreadsheet itself.")
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        raise UnreadableFile("The file is a WebP picture, not a table", remedy="Choose the spreadsheet itself.")
    if content.startswith((_ZIP, _EMPTY_ZIP)):
        return _kind_of_package(content)
    if content.startswith(_OLE):
        return _kind_of_compound(content)
    _refuse_markup(content[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower())
    return FileKind.TEXT


def ending_mismatch(kind: FileKind, file_name: str) -> str:
    """A sentence for the owner when the name's ending and the content differ, otherwise ""."""
    stem, dot, ending = file_name.rpartition(".")
    if not (stem and dot) or ending.lower() in _ENDINGS[kind]:
        return ""
    return f'The name ends in ".{ending}", but the content is {_with_article(kind)}; it was read as that.'


def decode(content: bytes) -> DecodedText:
    """The file's text, with every line ending turned into a newline.

    Raises:
        UnreadableFile: the bytes are not text.
    """
    encoding = _encoding(content)
    text = content.decode(encoding, errors="replace").removeprefix("\ufeff")
    text = text.replace("\x00", "")
    if _share_of_controls(text) > _MOST_CONTROLS:
        raise UnreadableFile("The file is not a spreadsheet that we know, and it is not text", remedy=_SAVE_AS)
    return DecodedText(text.replace("\r\n", "\n").replace("\r", "\n"), encoding)


def find_delimiter(text: str) -> str:
    """The character between the columns; "" when there is only one column."""
    sample = text[:SAMPLE_CHARACTERS]
    declared = re.match(r'"?sep=(.)"?\n', sample, re.IGNORECASE)
    if declared:
        return declared[1]
    if len(text) > len(sample):
        sample = sample[: sample.rfind("\n") + 1] or sample
    scores = {delimiter: _regularity(sample, delimiter) for delimiter in DELIMITERS}
    best = max(scores.values())
    if best <= 0:
        return ""
    return next(delimiter for delimiter in DELIMITERS if scores[delimiter] >= 0.999 * best)


def _kind_of_package(content: bytes) -> FileKind:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            # Some writers use the separators of Windows.
            names = {name.replace("\\", "/") for name in package.namelist()}
            if "mimetype" in names:
                return _kind_of_opendocument(package)
    except PACKAGE_ERRORS as problem:
        raise UnreadableFile(
            "The file is damaged: it is only partly there", remedy="Download or copy it again, then choose it again."
        ) from problem
    for member, kind in (("xl/workbook.xml", FileKind.XLSX), ("xl/workbook.bin", FileKind.XLSB)):
        if member in names:
            return kind
    if any(name.startswith("xl/") for name in names):
        return FileKind.XLSX
    for start, what in (("word/", "a Word document"), ("ppt/", "a PowerPoint file"), ("Index/", "an Apple file")):
        if any(name.startswith(start) for name in names):
            raise UnreadableFile(f"The file is {what}, not a spreadsheet", remedy=_SAVE_AS)
    raise UnreadableFile("The file is a zip archive", remedy="Unpack it and choose the spreadsheet inside.")


def _kind_of_opendocument(package: zipfile.ZipFile) -> FileKind:
    mimetype = package.read("mimetype")[:100].decode("ascii", errors="replace")
    if "spreadsheet" not in mimetype:
        raise UnreadableFile("The file is a document, not a spreadsheet", remedy=_SAVE_AS)
    if "META-INF/manifest.xml" in package.namelist() and b"encryption-data" in package.read("META-INF/manifest.xml"):
        raise locked()
    return FileKind.ODS


def _kind_of_compound(content: bytes) -> FileKind:
    """An OLE compound file: an old workbook, an old document, or the wrapping of an encrypted new workbook."""
    if _utf16("EncryptedPackage") in content:
        raise locked()
    if _utf16("WordDocument") in content:
        raise UnreadableFile("The file is a Word document, not a spreadsheet", remedy=_SAVE_AS)
    if _utf16("Workbook") in content or _utf16("Book") in content:
        return FileKind.XLS
    raise UnreadableFile("The file is an Office file without a workbook in it", remedy=_SAVE_AS)


def locked() -> UnreadableFile:
    """The refusal of a workbook that asks for a password."""
    return UnreadableFile(
        "The workbook is protected with a password",
        remedy="Open it in your spreadsheet program, remove the password, save it, and choose it again.",
    )


def _refuse_markup(start: bytes) -> None:
    if start.startswith((b"<!doctype html", b"<html", b"<table")) or b"<html" in start[:500]:
        raise UnreadableFile("The file is a web page that only looks like a spreadsheet", remedy=_SAVE_AS)
    if start.startswith(b"<?xml"):
        raise UnreadableFile("The file is an XML document, not a table", remedy=_SAVE_AS)


def _encoding(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if content.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    head = content[:4000]
    if len(head) >= 8:
        for start, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
            zeros, others = head[start::2].count(0), head[1 - start :: 2].count(0)
            if zeros > 0.4 * len(head) / 2 and others < 0.1 * len(head) / 2:
                return encoding
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return likely_encoding(content)
    return "utf-8"


def _share_of_controls(text: str) -> float:
    head = text[:20_000]
    controls = sum(character < " " and character not in "\t\n\r\f\x1a" for character in head)
    return (controls + head.count("\ufffd")) / max(1, len(head))


def _regularity(sample: str, delimiter: str) -> float:
    """How much of a table the delimiter makes: the share of rows with the usual width, times that width."""
    widths = [len(row) for row in _sample_rows(sample, delimiter) if any(cell.strip() for cell in row)]
    usual, rows = _usual_width(widths)
    if usual < 2:
        return 0.0
    share = rows / len(widths)
    return float(share**2 * (usual - 1) ** 0.5)


def _usual_width(widths: list[int]) -> tuple[int, int]:
    several = Counter(width for width in widths if width > 1)
    return several.most_common(1)[0] if several else (0, 0)


def _sample_rows(sample: str, delimiter: str) -> Iterable[list[str]]:
    reader = csv.reader(io.StringIO(sample), delimiter=delimiter, skipinitialspace=delimiter != "\t")
    rows: list[list[str]] = []
    try:
        for row in reader:
            rows.append(row)
            if len(rows) >= SAMPLE_ROWS:
                break
    except csv.Error:
        return [line.split(delimiter) for line in sample.splitlines()[:SAMPLE_ROWS]]
    return rows


def _utf16(name: str) -> bytes:
    return name.encode("utf-16-le")


def _with_article(kind: FileKind) -> str:
    if kind is FileKind.TEXT:
        return "plain text"
    return f"an {kind.value}"


def likely_encoding(content: bytes) -> str:
    """The likeliest encoding of Western or Central Europe, China, Japan or Korea for bytes that are not UTF-8."""
    sample = content[:_SAMPLE_BYTES]
    asian = {encoding: _everyday_share(sample, encoding) for encoding in _DOUBLE_BYTE}
    best = max(asian, key=lambda encoding: asian[encoding])
    if asian[best] >= _SURE_CJK:
        return best
    mac_lines = b"\r" in sample and b"\n" not in sample
    scores = {
        encoding: _likelihood(sample.decode(encoding, errors="replace"), expected, mac=encoding == "mac_roman")
        for encoding, expected in _SINGLE_BYTE.items()
    }
    if any(letter in sample.decode("cp1252", errors="replace") for letter in _NEVER_TURKISH):
        del scores["cp1254"]
    scores["mac_roman"] += 1 if mac_lines else -1  # a tie is a Mac's only where its old line ends are
    return max(scores, key=lambda encoding: scores[encoding])


def _likelihood(text: str, expected: str, *, mac: bool) -> int:
    counts = Counter(character for character in text if character > "\x7f")
    score = sum(count if character in expected else -count for character, count in counts.items())
    odd = _NEVER_IN_A_WORD + ("" if mac else _ALSO_ODD_ON_A_MAC)
    stray = sum(
        len(re.findall(rf"(?<=[^\W\d_]){character}(?=[^\W\d_])", text)) for character in odd if character in counts
    )
    edge = sum(
        len(re.findall(rf"[^\W\d_]{character}|{character}[^\W\d_]", text))
        for character in _NEVER_IN_A_WORD
        if character in counts
    )
    glued = len(re.findall(r"[€£][^\W\d_]{2}", text))
    return score - 2 * (max(stray, edge) + glued)


def _everyday_share(sample: bytes, encoding: str) -> float:
    """How much of the text beyond ASCII is everyday Chinese or Japanese, less what is rare; below 0 when it is none."""
    text = _decode(sample, encoding)
    letters = [character for character in text if character > "\x7f"]
    if not letters:
        return -1.0
    # Western words read this way have their signs beside small plain letters, as no Asian word has.
    runs = re.findall(r"([a-z]?)[^\x00-\x7f]+([a-z]?)", text)
    if sum(bool(before or after) for before, after in runs) * 3 > len(runs):
        return -1.0
    counts = Counter(letters)
    own, least = _OWN_LETTERS.get(encoding, ("", 0.0))
    if sum(counts[character] for character in own) < least * len(letters):
        return -1.0
    everyday = sum(count for character, count in counts.items() if _is_everyday(character, encoding))
    return (2 * everyday - len(letters)) / len(letters)


def _decode(sample: bytes, encoding: str) -> str:
    """The text, or "" when the bytes cannot be of this encoding; a letter may be cut in two at the end."""
    for cut in range(4):
        try:
            return sample[: len(sample) - cut].decode(encoding)
        except UnicodeDecodeError as error:
            if error.start < len(sample) - 8:
                return ""
    return ""


def _is_everyday(character: str, encoding: str) -> bool:
    if character in _CJK_MARKS:
        return True
    if encoding == "cp949":
        return "\uac00" <= character <= "\ud7a3"
    if encoding in ("cp932", "euc_jp") and "\u3041" <= character <= "\u30fe":
        return True
    first = character.encode(encoding, errors="replace")[0]
    if encoding == "gb18030":
        return 0xB0 <= first <= 0xD7 and len(character.encode("gb2312", errors="ignore")) == 2
    if encoding == "cp950":
        return 0xA4 <= first <= 0xC6
    if encoding == "euc_jp":
        return 0xB0 <= first <= 0xCF
    return 0x88 <= first <= 0x97
