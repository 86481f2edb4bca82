"""Every page as a picture, for people to look at: SPIRITSAFE_PICTURES=FOLDER pytest -m browser tests/browser."""

import os
from pathlib import Path

import pytest

FOLDER = os.environ.get("SPIRITSAFE_PICTURES")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(FOLDER is None, reason="SPIRITSAFE_PICTURES names no folder")]
PAGES = ("portfolio", "brief", "data", "launch", "runs", "compare", "students", "router", "reevaluations")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_picture(visit, served, name, scheme):
    tab = visit(scheme=scheme)
    asked = {"portfolio": "/", "students": f"/students?student={served.watched_id}"}
    tab.go(asked.get(name, f"/{name}"))
    tab.page.wait_for_timeout(2_500)  # charts
    height = tab.page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    tab.page.set_viewport_size({"width": 1280, "height": min(2_600, max(1_000, int(height) + 20))})
    tab.page.wait_for_timeout(1_500)
    file = Path(FOLDER) / f"{name}-{scheme}.png"
    file.parent.mkdir(parents=True, exist_ok=True)
    tab.page.screenshot(path=file)
    tab.assert_clean()
