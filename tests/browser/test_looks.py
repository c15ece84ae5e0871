"""Every page, light and dark, wide and on a phone: nothing sticks out, and everybody can read it."""

import pytest
from axe_playwright_python.sync_playwright import Axe

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible_and_fits(visit, scheme, width):
    tab = visit(scheme=scheme, width=width)
    for path in ("/", "/?demo=bakery", "/forecast"):
        tab.open(path)
        if path == "/forecast":
            tab.fan()
        fits = tab.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        assert fits, path
        found = Axe().run(tab.page, options=RULES).response["violations"]
        assert [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found] == [], path
        assert tab.page.locator("h1").count() == 1
        assert tab.page.locator("html").get_attribute("lang")
        assert "Dyocense" in tab.page.title()
    tab.check()
