"""A real Chromium, driven by Playwright, with a page per test.

The browser is the machine's own (`SANTIAO_TEST_CHROMIUM`, else chromium or Chrome on the PATH): Playwright downloads none. The
rule kept here: a page that throws, or that asks any host but this machine for anything, fails its test.
"""

import os
import shutil
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Error, Page, sync_playwright

from tests.services.component import missing

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MEND = "apt-get install -y --no-install-recommends chromium fonts-noto-cjk"
# Quiet: no updates, no reports, no looking up of anybody's servers.
QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
LOCAL_HOSTS = {"127.0.0.1", "localhost", "::1"}


def find_browser() -> str | None:
    """Return the path of the browser to drive, or None when the machine has none."""
    named = os.environ.get("SANTIAO_TEST_CHROMIUM")
    return named or next(filter(None, map(shutil.which, BROWSERS)), None)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A headless browser for the tests of one file.

    No longer than a file, because Playwright keeps an event loop running in this thread while it lives: a file that drives
    the browser cannot call `asyncio.run` itself.
    """
    path = find_browser()
    if path is None:
        missing("Chromium", "none is on the PATH", MEND)
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=path, args=[*QUIET, *sandbox])
        except Error as reason:
            missing("Chromium", f"{path} does not start ({reason})", MEND)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page of a Chinese reader in Asia/Shanghai, with no cookies from before."""
    context = chromium.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 1360, "height": 900})
    faults: list[str] = []
    asked: set[str] = set()
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    context.on("request", lambda request: asked.add(urlsplit(request.url).hostname or "127.0.0.1"))
    yield page
    context.close()
    assert not faults, f"the page threw: {faults}"
    assert asked <= LOCAL_HOSTS, f"the page asked other machines: {sorted(asked - LOCAL_HOSTS)}"
