"""Opens a workbook in a process of its own first.

A damaged workbook can ask for more memory than there is, and the library then ends the whole process.
"""

import subprocess
import sys

_MEMORY_BYTES = 4_000_000_000
_SIGNS_OF_PANIC = (b"memory allocation of", b"panicked at")
_CODE = f"""
import sys
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, ({_MEMORY_BYTES}, {_MEMORY_BYTES}))
except ImportError:
    pass
import fastexcel
book = fastexcel.read_excel(sys.stdin.buffer.read())
for index in range(len(book.sheet_names)):
    book.load_sheet(index, header_row=None, skip_rows=0, n_rows=1, dtypes="string")
"""


def survives(content: bytes, *, seconds: float) -> bool:
    """True unless opening the workbook ends its process, takes longer than so many seconds, or makes the library panic.

    An ordinary error of the library is no danger: the reader meets it again, and tells the owner.
    """
    try:
        done = subprocess.run(  # noqa: S603  # our own interpreter and our own code; the file comes in as data
            [sys.executable, "-I", "-c", _CODE], input=content, capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode >= 0 and not any(sign in done.stderr for sign in _SIGNS_OF_PANIC)
