"""ARCHITECTURE.md says what the code is: its layers, its files, its registries."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
NAMED = sorted(set(re.findall(r"`((?:engine|pages|tests)/[\w./]+?)/?`", PAGE)))


def test_the_layers_on_the_page_are_those_that_the_linter_holds():
    [contract] = [each for each in PROJECT["tool"]["importlinter"]["contracts"] if each["name"] == "Arrows point down"]
    linted = [layer.replace("(", "").replace(")", "") for layer in contract["layers"]]
    shown = PAGE.split("## Layers")[1].split("```")[1].strip().splitlines()
    assert [line.strip() for line in shown] == linted


@pytest.mark.parametrize("name", NAMED)
def test_every_file_and_folder_that_the_page_names_is_there(name):
    assert (ROOT / name).exists()


def test_every_folder_of_the_engine_stands_in_the_layers():
    shown = set(re.findall(r"\w+", PAGE.split("## Layers")[1].split("```")[1]))
    folders = {path.name for path in (ROOT / "engine").iterdir() if (path / "__init__.py").is_file()}
    assert folders <= shown


@pytest.mark.parametrize(
    ("registry", "module"),
    [
        ("MEASURES", "engine/business/measures.py"),
        ("BY_HAND", "tests/business/test_query.py"),
        ("PAGES", "pages/parts/frame/shell.py"),
        ("MEASURE_WORDS", "engine/coach/figures.py"),
        ("KINDS", "engine/workflows/roster/rules.py"),
        ("USUAL_RULES", "engine/workflows/roster/rules.py"),
        ("MAKERS", "benchmarks/narration_worlds.py"),
    ],
)
def test_the_registries_of_the_recipes_are_where_the_page_says(registry, module):
    assert re.search(rf"^{registry}\b", (ROOT / module).read_text(encoding="utf-8"), re.MULTILINE)


def test_every_page_stands_in_the_menu():
    menu = re.findall(r'"(pages/\w+\.py)"', (ROOT / "pages/parts/frame/shell.py").read_text(encoding="utf-8"))
    assert sorted(menu) == sorted(f"pages/{path.name}" for path in (ROOT / "pages").glob("*.py"))
