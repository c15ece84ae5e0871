"""Several files of one business, kept as one: the months of a year, or the sales and the stock list."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import PurePath

_MARK = b"several spreadsheets of one business"
_NAMED = 2
"""So many files are named in full; of more, only the first."""


def bundle(files: Mapping[str, bytes]) -> bytes:
    """The files as one block of bytes; the same files give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as package:
        for name, content in files.items():
            package.writestr(zipfile.ZipInfo(PurePath(name).name), content)
        package.comment = _MARK
    return buffer.getvalue()


def unbundle(content: bytes) -> dict[str, bytes]:
    """The files in a bundle by name; empty when the bytes are none.

    Only what is stored as it stands counts, so that nothing can grow while it is unpacked.
    """
    if not content.endswith(_MARK):
        return {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
            if sum(part.file_size for part in parts) > len(content):
                return {}
            return {part.filename: package.read(part) for part in parts if part.compress_type == zipfile.ZIP_STORED}
    except (zipfile.BadZipFile, OSError, ValueError):
        return {}


def bundle_name(files: Mapping[str, bytes]) -> str:
    """What the owner reads: every name, or the first and how many more."""
    names = list(files)
    return ", ".join(names) if len(names) <= _NAMED else f"{names[0]} and {len(names) - 1} more"
