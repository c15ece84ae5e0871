"""What a column means is settled while a file is read and its rows are counted; nobody else looks at raw columns."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
READERS = ("engine/ingest/", "engine/business/", "engine/dataset.py", "engine/store/")
OTHERS = [
    path
    for path in (ROOT / "Home.py", *sorted((ROOT / "pages").rglob("*.py")), *sorted((ROOT / "engine").rglob("*.py")))
    if not path.relative_to(ROOT).as_posix().startswith(READERS)
]


def names_in(text: str) -> set[str]:
    """Every name that a module imports, reads or writes."""
    nodes = list(ast.walk(ast.parse(text)))
    imports = {alias.name for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names}
    return imports | {getattr(node, "id", getattr(node, "attr", "")) for node in nodes}


@pytest.mark.parametrize("module", OTHERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_who_reads_files_and_counts_rows_knows_the_roles_of_columns(module: Path) -> None:
    assert "ColumnRole" not in names_in(module.read_text(encoding="utf-8"))


def test_the_rule_sees_an_import_and_an_attribute() -> None:
    assert "ColumnRole" in names_in("from engine.dataset import ColumnRole as R")
    assert "ColumnRole" in names_in("import engine.dataset as d; d.ColumnRole.DATE")
