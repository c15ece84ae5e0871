"""Files that hold one JSON object per line."""

import json
from pathlib import Path
from typing import Any


def read_json_lines(file: Path) -> list[dict[str, Any]]:
    r"""The objects of a file, in its order; empty lines are passed over.

    Only `\n` ends a line: JSON strings may hold U+2028, U+2029, U+0085 and others that `str.splitlines` splits at.

    Raises:
        json.JSONDecodeError: a line is no JSON.
    """
    return [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n") if line.strip()]
