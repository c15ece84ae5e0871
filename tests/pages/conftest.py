"""Run a page as Streamlit would, without a browser, in a database of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def app(tmp_path, monkeypatch) -> Iterator[Callable[[str], AppTest]]:
    """Open a page in a new browser session; all sessions of one test share one server."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("DYOCENSE_DATABASE_URL", f"sqlite:///{tmp_path / 'test.db'}")
    monkeypatch.setattr(type(st.context), "cookies", property(lambda context: {}))  # a browser that was never here
    st.cache_resource.clear()
    st.cache_data.clear()

    def open_page(page: str = "Home.py", **parameters: str) -> AppTest:
        test = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=120)
        for name, value in parameters.items():
            test.query_params[name] = value
        test.run()
        if page != "Home.py":
            test.switch_page(page).run()
        return test

    yield open_page
    from pages.parts.frame import cached

    services = cached.services()
    services.jobs.close()
    services.worker.close()
    services.store.close()
    st.cache_resource.clear()
