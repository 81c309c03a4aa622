"""Takes the console's pictures for the README anew: `python -m tests.console.pictures`. Everybody in them is invented."""

import tempfile
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, sync_playwright

from tests.console import scenes
from tests.console.home import ORG, ConsoleHome, open_console
from tests.services.chromium import find_browser
from tools.palette import shrink

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
SIZE = ViewportSize(width=1366, height=768)
BYTES_MAX = 200_000
"""More than this is too much for a page that everybody loads first."""


def take(home: ConsoleHome, page: Page) -> None:
    """The worklist, and the page of a case that several agencies told of and a body was asked to take."""
    scenes.fill(home)
    told = max(scenes.case_files(home), key=lambda case: (case.status == "referred", len(case.sources)))
    person = home.hub.registry.add_person("调度员甲", ORG, "dispatcher")
    page.goto(f"{home.url}/login")
    page.fill("#person", person.person_id)
    page.fill("#password", person.password)
    page.click("form[action$='/login'] button")
    for name, place in (("worklist", "/worklist"), ("case", f"/cases/{told.no}")):
        page.goto(home.url + place)
        page.wait_for_timeout(500)  # the countdown's first tick
        taken = shrink(page.screenshot())
        if len(taken) > BYTES_MAX:
            raise SystemExit(f"{name}.png has {len(taken):,} bytes, more than {BYTES_MAX:,}")
        (FOLDER / f"{name}.png").write_bytes(taken)


def main() -> None:
    """Fill a home, serve it, look at it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        open_console(Path(folder)) as home,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        take(home, browser.new_page(viewport=SIZE, locale="zh-CN"))
        browser.close()


if __name__ == "__main__":
    main()
