"""The rules of the house that no linter knows."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENGINE = sorted((ROOT / "engine").rglob("*.py"))
PAGES = sorted((ROOT / "pages").glob("*.py"))
OURS = [ROOT / "Home.py", *PAGES, *sorted((ROOT / "pages" / "parts").rglob("*.py")), *ENGINE]
HEAVY = {"streamlit", "pandas", "plotly", "sqlmodel", "sqlalchemy", "alembic", "scipy", "sklearn", "babel"}
HEAVY |= {"statsforecast", "pmdarima", "prophet", "xgboost", "openpyxl", "fastexcel", "xlsxwriter"}


def lines(path: Path) -> int:
    return len(path.read_text().splitlines())


def test_home_fits_on_one_screen():
    assert lines(ROOT / "Home.py") <= 60


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_a_page_asks_calls_and_shows_in_eighty_lines(page):
    assert lines(page) <= 80


@pytest.mark.parametrize("module", OURS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_has_at_most_400_lines_and_its_functions_50(module):
    assert lines(module) <= 400
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.FunctionDef):
            start = node.body[1].lineno if ast.get_docstring(node) and len(node.body) > 1 else node.body[0].lineno
            assert (node.end_lineno or 0) - start < 50, node.name


def test_only_state_touches_the_session_state():
    users = [path.name for path in OURS if re.search(r"st\.session_state", path.read_text())]
    assert users == ["state.py"]


def test_the_engine_never_names_a_cache_of_the_screen():
    assert not [path for path in ENGINE if re.search(r"^\s*(import|from) streamlit\b", path.read_text(), re.MULTILINE)]


@pytest.mark.parametrize(
    "module", ["engine", "engine.workflows.files", "engine.workflows.forecast.forecasts", "engine.faces.cli"]
)
def test_importing_the_engine_loads_no_heavy_library(module):
    # What a bare interpreter of this environment holds already is not the engine's doing.
    script = f"import sys; bare = set(sys.modules); import {module}; print(*set(sys.modules) - bare)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert HEAVY.isdisjoint(name.partition(".")[0] for name in loaded.split())


def test_nothing_in_the_project_is_bound_to_one_machine():
    tracked = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True, cwd=ROOT).stdout.split()
    suffixes = {".py", ".toml", ".md", ".txt", ".sh", ".yml", ".cfg", ""}
    texts = [ROOT / name for name in tracked if Path(name).suffix in suffixes and (ROOT / name).is_file()]
    home_of_somebody = re.compile(r"/(home|root|Users|opt|work)/\w|https?://(pypi|files\.pythonhosted|registry)\.")
    assert [path.name for path in texts if home_of_somebody.search(path.read_text())] == []
